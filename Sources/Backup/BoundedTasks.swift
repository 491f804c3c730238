/// Work on many things, a few at a time: most of it waits for disks and networks.
enum BoundedTasks {
    private static let width = 4

    /// Does `body` with all items, and hands what comes of each to `take`, as it comes. The first failure ends it.
    static func run<Item: Sendable, Outcome: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> Outcome, take: (Outcome) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            var rest = items.makeIterator()
            for _ in 0..<width {
                guard let item = rest.next() else { break }
                group.addTask { try await body(item) }
            }
            while let outcome = try await group.next() {
                take(outcome)
                guard let item = rest.next() else { continue }
                group.addTask { try await body(item) }
            }
        }
    }
}
