import MartletCore

/// The inverted index of the head: for every label pair the series that have it.
///
/// Names and values are interned once; a pair's postings are found by an open-addressing table over (name, value)
/// symbols. A pair of one series, which is what high cardinality consists of, keeps its number without an array.
struct LabelIndex: InvertedIndex {
    private struct List {
        let value: UInt32
        /// The only series, when `many` is empty.
        var single: UInt32
        var many: [UInt32] = []

        var numbers: [UInt32] { many.isEmpty ? [single] : many }

        mutating func append(_ number: UInt32) {
            if many.isEmpty { many = [single] }
            many.append(number)
        }
    }

    private var symbols = SymbolTable()
    private var lists: [List] = []
    /// Lists of each name, by name symbol.
    private var names: [UInt32: [UInt32]] = [:]
    private var pairs = PairTable()
    /// All series, dropped ones included until the index is rebuilt.
    private(set) var all: [UInt32] = []
    private var listMemory = 0

    /// Bytes of memory held, about.
    var memory: Int {
        symbols.memory + lists.capacity * MemoryLayout<List>.stride + pairs.memory + all.capacity * 4 + listMemory
            + lists.count * 4
    }

    /// Number of label pairs.
    var pairCount: Int { lists.count }

    /// Adds a series, whose number is the highest so far.
    mutating func add(_ ref: SeriesRef, _ labels: UnsafeRawBufferPointer) {
        all.append(ref.raw)
        Labels.walk(labels) { name, value in
            let name = symbols.intern(name)
            let value = symbols.intern(value)
            let fresh = UInt32(lists.count)
            let list = pairs.findOrAdd(name, value, fresh)
            if list == fresh {
                lists.append(List(value: value, single: ref.raw))
                names[name, default: []].append(fresh)
            } else {
                lists[Int(list)].append(ref.raw)
                listMemory += 6
            }
        }
    }

    /// Puts the postings in order after series were added in no order: for replay.
    mutating func sort() {
        all.sort()
        for index in lists.indices where !lists[index].many.isEmpty { lists[index].many.sort() }
    }

    /// All label names, in no order.
    func labelNames() -> [String] { names.keys.map { symbols.string(of: $0) } }

    /// Visits every value of a label with the series that have it.
    func forEachValue(of name: String, _ body: (_ value: UnsafeRawBufferPointer, _ series: [UInt32]) -> Void) {
        guard let symbol = symbols.lookup(name), let own = names[symbol] else { return }
        for list in own {
            symbols.withBytes(of: lists[Int(list)].value) { body($0, lists[Int(list)].numbers) }
        }
    }

    /// Visits every value of a label with the number of series that have it.
    func forEachCount(of name: String, _ body: (_ value: UnsafeRawBufferPointer, _ series: Int) -> Void) {
        guard let symbol = symbols.lookup(name), let own = names[symbol] else { return }
        for list in own {
            let list = lists[Int(list)]
            symbols.withBytes(of: list.value) { body($0, max(list.many.count, 1)) }
        }
    }

    /// Whether any of a name's series passes the test.
    func anySeries(withName name: String, where test: (SeriesRef) -> Bool) -> Bool {
        guard let symbol = symbols.lookup(name), let own = names[symbol] else { return false }
        return own.contains { list in lists[Int(list)].numbers.contains { test(SeriesRef(raw: $0)) } }
    }

    // MARK: InvertedIndex; dropped series may be among those found

    func allSeries() -> [UInt32] { all }

    func union(_ name: String, values: [String]) -> [UInt32] {
        guard let symbol = symbols.lookup(name) else { return [] }
        let found = values.compactMap { value -> [UInt32]? in
            guard let value = symbols.lookup(value), let list = pairs.find(symbol, value) else { return nil }
            return lists[Int(list)].numbers
        }
        return Postings.union(found, bound: (all.last ?? 0) + 1)
    }

    func union(
        _ name: String, prefix: [UInt8], where test: (UnsafeRawBufferPointer) -> Bool
    ) -> [UInt32]? {
        guard let symbol = symbols.lookup(name), let own = names[symbol] else { return nil }
        let found = prefix.withUnsafeBytes { prefix in
            own.filter {
                symbols.withBytes(of: lists[Int($0)].value) { Bytes.hasPrefix($0, prefix) && test($0) }
            }
        }
        return Postings.union(found.map { lists[Int($0)].numbers }, bound: (all.last ?? 0) + 1)
    }
}
