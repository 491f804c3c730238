/// The index files of a tenant that are open. A file is open once at most, since it is locked.
struct OpenIndexes: Sendable {
    /// Files that stay open.
    private static let maxOpen = 4

    private struct Holder: Sendable {
        weak var index: LogIndex?
    }

    private var kept: [Int64: LogIndex] = [:]
    /// What nobody keeps may still be in use.
    private var used: [Int64: Holder] = [:]
    /// Days whose index could not be read by a query.
    var unreadable: Set<Int64> = []

    /// The index of a day; `open` is called when it is not open. Of the open ones the latest days stay open.
    mutating func index(of day: Int64, _ open: () throws -> LogIndex?) throws -> LogIndex? {
        if let index = kept[day] ?? used[day]?.index { return index }
        guard let index = try open() else { return nil }
        used = used.filter { $0.value.index != nil }
        used[day] = Holder(index: index)
        kept[day] = index
        if kept.count > Self.maxOpen, let oldest = kept.keys.min() { kept[oldest] = nil }
        return index
    }

    /// Lets go the index of a day whose file is removed.
    mutating func forget(_ day: Int64) {
        kept[day] = nil
        used[day] = nil
    }

    /// Keeps none open.
    mutating func letGo() { kept = [:] }
}
