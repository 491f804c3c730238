/// Numbers the values of a column by their first occurrence.
struct DistinctValues: ~Copyable {
    private var index = HashIndex()
    /// The row in which each first stands.
    private(set) var rows = RawArray<UInt32>(capacity: 256)
    /// How often each occurs.
    private(set) var counts = RawArray<UInt32>(capacity: 256)

    var count: Int { rows.count }

    /// The number of the value in `row`; `isSame` says whether that of an earlier row is the same.
    @inline(__always)
    mutating func number(of row: Int, hash: UInt64, isSame: (_ earlier: Int) -> Bool) -> Int {
        let rows = self.rows.base
        if let known = index.number(hash, { isSame(Int(rows[$0])) }) {
            counts[known] &+= 1
            return known
        }
        let number = count
        index.add(number, hash)
        self.rows.append(UInt32(truncatingIfNeeded: row))
        counts.append(1)
        return number
    }
}
