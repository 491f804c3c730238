import MartletCore

/// The tables of a page, which are known once the server is built.
package final class IndexTables: Sendable {
    private let makers = Lock<[@Sendable () -> IndexTable]>([])

    /// None yet.
    package init() {}

    /// Adds one that is made when somebody looks.
    package func add(_ table: @escaping @Sendable () -> IndexTable) { makers.withLock { $0.append(table) } }

    var current: [IndexTable] { makers.withLock { $0 }.map { $0() } }
}
