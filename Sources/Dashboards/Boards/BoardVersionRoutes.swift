import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// The versions of stored dashboards: the list, one, what differs between two, and the way back.
struct BoardVersionRoutes: Sendable {
    let library: BoardLibrary

    func add(to routes: APIRoutes) {
        routes.on(.get, "/api/dashboards/uid/{uid}/versions", for: .viewer) { call in
            let query = call.query
            let skipped = max(0, query["start"].flatMap(Int.init) ?? 0)
            let limit = min(1000, max(1, query["limit"].flatMap(Int.init) ?? 1000))
            var versions: [BoardVersion] = []
            // What is stored under the uid of a file is hidden, and its past with it.
            if library.file(call.name("uid")) == nil {
                let board = try await library.stored(call.name("uid"))
                versions = try await library.database.read {
                    try BoardTable.versions(of: board, skipping: skipped, limit: limit, in: $0)
                }
            }
            return JSONAnswer.value([
                "continueToken": "", "versions": .array(versions.map { .object($0.json) }),
            ])
        }
        routes.on(.get, "/api/dashboards/uid/{uid}/versions/{version}", for: .viewer) { call in
            let (board, number) = (try await library.stored(call.name("uid")), try call.number("version"))
            let found = try await library.database.read { database in
                (
                    try BoardTable.versions(of: board, in: database).first { $0.version == number },
                    try BoardTable.model(board, version: number, in: database)
                )
            }
            guard let version = found.0, let model = found.1 else { throw Self.noVersion }
            return JSONAnswer.make { writer in
                writer.beginObject()
                for member in version.json {
                    writer.key(member.key)
                    member.value.write(to: &writer)
                }
                writer.key("data")
                writer.raw(model)
                writer.endObject()
            }
        }
        routes.on(.post, "/api/dashboards/uid/{uid}/restore", for: .editor) { call in
            guard let version = try await call.object()["version"]?.int64 else {
                throw HTTPFailure(.badRequest, "the body needs version, a number")
            }
            if library.file(call.name("uid")) != nil {
                throw HTTPFailure(.badRequest, "Cannot save provisioned dashboard")
            }
            return BoardRoutes.saved(
                try await library.restore(call.name("uid"), version: version, by: call.caller))
        }
        routes.on(.post, "/api/dashboards/calculate-diff", for: .viewer) { call in
            let body = try await call.object(limit: 2 * BoardModel.sizeLimit)
            let (base, new) = (
                try await model(body["base"], "base", call), try await model(body["new"], "new", call)
            )
            let changes = try await call.context.blocking.run { JSONDifference.changes(from: base, to: new) }
            return JSONAnswer.value(["changes": .array(changes.map(\.json))])
        }
    }

    private static let noVersion = HTTPFailure(.notFound, "Dashboard version not found")

    /// `{uid, version}`, the version 0 being the current one, or `{dashboard}`.
    private func model(_ side: JSONValue?, _ name: String, _ call: Call) async throws -> JSONValue {
        if let model = side?["dashboard"], model.object != nil { return model }
        guard let uid = side?["uid"]?.string else {
            throw HTTPFailure(.badRequest, "\(name) needs uid and version, or dashboard")
        }
        let version = side?["version"]?.int64 ?? 0
        if version == 0, let file = library.file(uid) {
            return try await JSONAnswer.tree(of: library.model(ofFile: file), call.context)
        }
        let board = try await library.stored(uid)
        let text = try await library.database.read {
            try BoardTable.model(board, version: version == 0 ? board.version : version, in: $0)
        }
        guard let text else { throw Self.noVersion }
        return try await JSONAnswer.tree(of: text, call.context)
    }
}
