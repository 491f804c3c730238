import MartletCore

/// What of a page is known once the server is built: its tables, and its title where that is not the server's name.
package final class IndexTables: Sendable {
    private let chosenTitle = Lock<String?>(nil)
    private let makers = Lock<[@Sendable () -> IndexTable]>([])

    /// None yet.
    package init() {}

    /// Adds one that is made when somebody looks.
    package func add(_ table: @escaping @Sendable () -> IndexTable) { makers.withLock { $0.append(table) } }

    /// Sets the title.
    func setTitle(_ title: String) { chosenTitle.withLock { $0 = title } }

    var title: String? { chosenTitle.withLock { $0 } }

    var current: [IndexTable] { makers.withLock { $0 }.map { $0() } }
}
