import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// Annotations in the shapes of Grafana's HTTP API.
struct AnnotationRoutes: Sendable {
    let library: BoardLibrary
    private var database: DashboardDatabase { library.database }

    init(library: BoardLibrary) {
        self.library = library
    }

    func add(to routes: APIRoutes) {
        routes.on(.get, "/api/annotations", for: .viewer) { call in
            let filter = try Self.filter(call.query)
            let found = try await database.read { try AnnotationTable.find(filter, in: $0) }
            return JSONAnswer.value(.array(found.map(\.json)))
        }
        routes.on(.get, "/api/annotations/tags", for: .viewer) { call in
            let text = call.query["tag"] ?? ""
            let limit = min(1000, max(1, call.query["limit"].flatMap(Int.init) ?? 100))
            let tags = try await database.read { database in
                try AnnotationTable.tags(containing: text, limit: limit, in: database).map {
                    ["tag": .string($0.tag), "count": .int($0.count)] as JSONValue
                }
            }
            return JSONAnswer.value(["result": ["tags": .array(tags)]])
        }
        routes.on(.get, "/api/annotations/{id}", for: .viewer) { call in
            JSONAnswer.value(try await find(call).json)
        }
        routes.on(.post, "/api/annotations", for: .editor) { call in
            let body = try await call.object(limit: 256 << 10)
            return try await add(body, "Annotation added", call)
        }
        routes.on(.post, "/api/annotations/graphite", for: .editor) { call in
            let body = try await call.object(limit: 256 << 10)
            return try await add(try Self.translated(body), "Graphite annotation added", call)
        }
        routes.on(.put, "/api/annotations/{id}", for: .editor) { call in
            let body = try await call.object(limit: 256 << 10)
            guard let text = body["text"]?.string, !text.isEmpty else { throw Self.noText }
            return try await change(call, body, "Annotation updated")
        }
        routes.on(.patch, "/api/annotations/{id}", for: .editor) { call in
            try await change(call, try await call.object(limit: 256 << 10), "Annotation patched")
        }
        routes.on(.delete, "/api/annotations/{id}", for: .editor) { call in
            let annotation = try await find(call)
            try await database.change(by: call.caller) { change in
                try AnnotationTable.remove(annotation.id, in: change.database)
                try change.note("annotation.delete", String(annotation.id), annotation.text)
            }
            return JSONAnswer.message("Annotation deleted")
        }
    }

    private static let noText = HTTPFailure(.badRequest, "text field should not be empty")

    private func find(_ call: Call) async throws -> Annotation {
        let id = try call.number("id")
        guard let annotation = try await database.read({ try AnnotationTable.find(id, in: $0) }) else {
            throw HTTPFailure(.notFound, "Annotation not found")
        }
        return annotation
    }

    private func add(_ body: JSONValue, _ message: String, _ call: Call) async throws -> Response {
        let uid = body["dashboardUID"]?.string ?? ""
        if !uid.isEmpty, !(try await library.exists(uid)) { throw BoardLibrary.notFound }
        let (now, user) = (database.clock(), call.caller.user)
        var annotation = Annotation(
            id: 0, boardUID: uid, panelID: body["panelId"]?.int64 ?? 0, time: now * 1000, timeEnd: now * 1000, text: "",
            tags: [], data: .object([]), userID: user.id, login: user.login, createdAt: now, updatedAt: now)
        try Self.take(body, into: &annotation)
        guard !annotation.text.isEmpty else { throw Self.noText }
        let id = try await database.change(by: call.caller) { [annotation] change in
            try BoardLibrary.checkCount(
                "annotations", AnnotationTable.countLimit, "annotations", in: change.database)
            let id = try AnnotationTable.add(annotation, to: change.database)
            try change.note("annotation.add", String(id), annotation.text)
            return id
        }
        return JSONAnswer.value(["message": .string(message), "id": .int(id)])
    }

    private func change(_ call: Call, _ body: JSONValue, _ message: String) async throws -> Response {
        let id = try await find(call).id
        try await database.change(by: call.caller) { change in
            // Read again inside: somebody else may have changed it between the two.
            guard var annotation = try AnnotationTable.find(id, in: change.database) else {
                throw HTTPFailure(.notFound, "Annotation not found")
            }
            try Self.take(body, into: &annotation)
            annotation.updatedAt = change.now
            try AnnotationTable.update(annotation, in: change.database)
            try change.note("annotation.change", String(id), annotation.text)
        }
        return JSONAnswer.message(message)
    }

    // MARK: Reading requests

    private static let dataLimit = 16 << 10

    /// A time that a body may have. What is no time must not be taken for now.
    private static func milliseconds(_ body: JSONValue, _ name: String) throws(HTTPFailure) -> Int64? {
        guard let value = body[name], !value.isNull else { return nil }
        guard let time = value.int64 else {
            throw HTTPFailure(.badRequest, "\(name) must be a whole number of milliseconds since 1970")
        }
        return time
    }

    /// Takes the members that a body has.
    private static func take(_ body: JSONValue, into annotation: inout Annotation) throws(HTTPFailure) {
        // An empty text is how Grafana's clients leave it out.
        if let text = body["text"]?.string, !text.isEmpty {
            guard text.utf8.count <= 16 << 10 else { throw HTTPFailure(.badRequest, "text has more than 16 KiB") }
            annotation.text = text
        }
        if let tags = body["tags"]?.array {
            let texts = tags.compactMap(\.string).filter { !$0.isEmpty }
            guard texts.count <= 100, texts.allSatisfy({ $0.fits(100) }) else {
                throw HTTPFailure(.badRequest, "at most 100 tags, each of at most 100 characters")
            }
            annotation.tags = texts
        }
        if let data = body["data"], data.object != nil {
            guard data.bytes.count <= dataLimit else {
                throw HTTPFailure(.badRequest, "data has more than \(dataLimit >> 10) KiB")
            }
            annotation.data = data
        }
        let last = annotation
        // Zero is how Grafana's clients leave a time out.
        if let time = try milliseconds(body, "time"), time > 0 {
            annotation.time = time
            // What was a moment stays one when only its time moves.
            if last.timeEnd == last.time || last.timeEnd < time { annotation.timeEnd = time }
        }
        if let end = try milliseconds(body, "timeEnd"), end > 0 { annotation.timeEnd = end }
        if annotation.timeEnd < annotation.time {
            (annotation.time, annotation.timeEnd) = (annotation.timeEnd, annotation.time)
        }
    }

    /// Graphite's form of an annotation in our own.
    private static func translated(_ body: JSONValue) throws(HTTPFailure) -> JSONValue {
        guard let what = body["what"]?.string, !what.isEmpty else {
            throw HTTPFailure(.badRequest, "what field should not be empty")
        }
        let text = [what, body["data"]?.string ?? ""].filter { !$0.isEmpty }.joined(separator: "\n")
        // Old versions of Graphite separate tags by blanks.
        let tags =
            body["tags"]?.array ?? (body["tags"]?.string ?? "").split(separator: " ").map { .string(String($0)) }
        var members: [JSONValue.Member] = [.init("text", .string(text)), .init("tags", .array(tags))]
        if let seconds = body["when"]?.int64, (1..<(1 << 40)).contains(seconds) {
            members.append(.init("time", .int(seconds * 1000)))
        }
        return .object(members)
    }

    private static func filter(_ query: QueryParameters) throws(HTTPFailure) -> AnnotationTable.Filter {
        func number(_ name: String) throws(HTTPFailure) -> Int64? {
            guard let text = query[name], !text.isEmpty else { return nil }
            guard let number = Int64(text) else { throw HTTPFailure(.badRequest, "\(name) must be a number") }
            return number
        }
        var filter = AnnotationTable.Filter()
        // Zero is how Grafana's clients leave a bound out.
        if let from = try number("from"), from > 0 { filter.from = from }
        if let to = try number("to"), to > 0 { filter.to = to }
        filter.boardUID = query["dashboardUID"]?.nonEmpty
        if let panel = try number("panelId"), panel > 0 { filter.panelID = panel }
        if let user = try number("userId"), user > 0 { filter.userID = user }
        filter.tags = query.all("tags").filter { !$0.isEmpty }
        guard filter.tags.count <= 100 else { throw HTTPFailure(.badRequest, "at most 100 tags") }
        filter.takesAnyTag = query["matchAny"] == "true"
        filter.limit = Int(min(5000, max(1, try number("limit") ?? 100)))
        // Alerts' own annotations are not kept here.
        if query["type"] == "alert" { filter.limit = 0 }
        return filter
    }
}
