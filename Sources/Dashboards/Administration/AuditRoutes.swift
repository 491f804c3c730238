import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// What was changed, by whom, when and from where; for administrators.
struct AuditRoutes: Sendable {
    let database: DashboardDatabase

    func add(to routes: APIRoutes) {
        routes.on(.get, "/api/audit", for: .admin) { call in
            let filter = try Self.filter(call.query)
            let entries = try await database.read { try AuditTable.find(filter, in: $0) }
            let next: JSONValue =
                if let last = entries.last, entries.count == filter.limit { .int(last.id) } else { .null }
            return JSONAnswer.value(["entries": .array(entries.map(Self.json)), "next": next])
        }
    }

    private static func filter(_ query: QueryParameters) throws(HTTPFailure) -> AuditTable.Filter {
        func number(_ name: String) throws(HTTPFailure) -> Int64? {
            guard let text = query[name], !text.isEmpty else { return nil }
            guard let number = Int64(text) else { throw HTTPFailure(.badRequest, "\(name) must be a number") }
            return number
        }
        var filter = AuditTable.Filter()
        filter.before = try number("before")
        filter.login = query["user"]?.nonEmpty
        filter.action = query["action"]?.nonEmpty
        if let from = try number("from") { filter.from = from / 1000 }
        if let to = try number("to") { filter.to = to / 1000 }
        filter.limit = Int(min(1000, max(1, try number("limit") ?? 100)))
        return filter
    }

    private static func json(_ entry: AuditEntry) -> JSONValue {
        [
            "id": .int(entry.id), "time": .int(entry.time * 1000), "login": .string(entry.login),
            "address": .string(entry.address), "action": .string(entry.action), "subject": .string(entry.subject),
            "detail": .string(entry.detail),
        ]
    }
}
