/// A set of rows of a block, or of places in a column: one bit each.
struct RowSet {
    let count: Int
    private var words: [UInt64]

    /// No row of `count`, or every one.
    init(_ count: Int, all: Bool = false) {
        self.count = count
        words = [UInt64](repeating: all ? .max : 0, count: (count + 63) / 64)
        if all, count % 64 != 0 { words[words.count - 1] = (1 << UInt64(count % 64)) - 1 }
    }

    /// The rows of `count` that `isIn` wants, which is asked for each of them in turn.
    @inline(__always)
    init(_ count: Int, where isIn: (Int) -> Bool) {
        self.count = count
        words = [UInt64](unsafeUninitializedCapacity: (count + 63) / 64) { words, wordCount in
            wordCount = (count + 63) / 64
            for index in 0..<wordCount {
                var word: UInt64 = 0
                for row in index * 64..<min(index * 64 + 64, count) where isIn(row) { word |= 1 << UInt64(row & 63) }
                words.initializeElement(at: index, to: word)
            }
        }
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// How many rows of a range are in it.
    func count(in range: Range<Int>) -> Int {
        guard let last = range.last else { return 0 }
        var sum = 0
        for index in (range.lowerBound >> 6)...(last >> 6) {
            var word = words[index]
            if index == range.lowerBound >> 6 { word &= .max << UInt64(range.lowerBound & 63) }
            if index == last >> 6 { word &= .max >> UInt64(63 - last & 63) }
            sum += word.nonzeroBitCount
        }
        return sum
    }

    func contains(_ row: Int) -> Bool { words[row >> 6] & 1 << UInt64(row & 63) != 0 }

    mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

    mutating func formUnion(_ other: RowSet) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    mutating func formIntersection(_ other: RowSet) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    mutating func subtract(_ other: RowSet) {
        for index in words.indices { words[index] &= ~other.words[index] }
    }

    /// All other rows.
    var inverted: RowSet {
        var others = RowSet(count, all: true)
        others.subtract(self)
        return others
    }

    /// Calls `body` with each row of a range, ascending.
    func forEach(in range: Range<Int>, _ body: (Int) -> Void) {
        guard let last = range.last else { return }
        for index in (range.lowerBound >> 6)...(last >> 6) {
            var word = words[index]
            if index == range.lowerBound >> 6 { word &= .max << UInt64(range.lowerBound & 63) }
            if index == last >> 6 { word &= .max >> UInt64(63 - last & 63) }
            while word != 0 {
                body((index << 6) + word.trailingZeroBitCount)
                word &= word - 1
            }
        }
    }
}
