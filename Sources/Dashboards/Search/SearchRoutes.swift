import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// Finds dashboards and folders, and counts tags.
struct SearchRoutes: Sendable {
    let library: BoardLibrary
    let personal: PersonalTables

    func add(to routes: APIRoutes) {
        routes.on(.get, "/api/search", for: .viewer) { call in try await search(call) }
        routes.on(.get, "/api/search/sorting", for: .viewer) { _ in
            let orders: [JSONValue] = SearchFilter.Order.allCases.map {
                ["name": .string($0.rawValue), "displayName": .string($0.title), "description": "", "meta": ""]
            }
            return JSONAnswer.value(["sortOptions": .array(orders)])
        }
        routes.on(.get, "/api/dashboards/tags", for: .viewer) { _ in
            var counts: [String: Int] = [:]
            for tag in try await library.hits().flatMap(\.tags) { counts[tag, default: 0] += 1 }
            return JSONAnswer.value(
                .array(counts.sorted { $0.key < $1.key }.map { ["term": .string($0.key), "count": .int($0.value)] }))
        }
    }

    private func search(_ call: Call) async throws -> Response {
        let filter = try SearchFilter(call.query)
        let (size, skipped) = call.page(size: "limit", usual: 1000, most: 5000)
        let stars = try await personal.stars(of: call.caller.user)
        let found = filter.sorted(try await library.hits().filter { filter.accepts($0, stars: stars) })
        return JSONAnswer.value(
            .array(found.dropFirst(skipped).prefix(size).map { $0.json(isStarred: stars.contains($0.uid)) }))
    }
}
