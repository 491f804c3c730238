import MartletCore

/// Collects the strings of a column, row by row, and writes their dictionary.
struct StringColumnBuilder {
    private var table = SymbolTable()
    private(set) var codes: [UInt64] = []

    /// The code that `append` takes for a string.
    mutating func code(_ bytes: UnsafeRawBufferPointer) -> UInt32 { table.intern(bytes) }

    @inline(__always)
    mutating func append(_ code: UInt32) { codes.append(UInt64(code)) }

    /// Calls `body` with the string of every row.
    func forEachRow(_ body: (UnsafeRawBufferPointer) -> Void) {
        for code in codes { table.withBytes(of: UInt32(code), body) }
    }

    /// Calls `body` with every string once.
    func forEachDistinct(_ body: (UnsafeRawBufferPointer) -> Void) {
        for code in 0..<UInt32(table.count) { table.withBytes(of: code, body) }
    }

    struct Result {
        let distinct: Int
        let lengths: [UInt8]
        let suffixes: [UInt8]
        let codes: [UInt64]
    }

    /// Sorts the strings and renumbers the rows.
    func finish() -> Result {
        let order = (0..<UInt32(table.count)).sorted { left, right in
            table.withBytes(of: left) { left in table.withBytes(of: right) { Bytes.compare(left, $0) < 0 } }
        }
        var ranks = [UInt64](repeating: 0, count: order.count)
        var lengths = ByteWriter()
        var suffixes: [UInt8] = []
        var previous: UInt32?
        for (rank, symbol) in order.enumerated() {
            ranks[Int(symbol)] = UInt64(rank)
            table.withBytes(of: symbol) { bytes in
                let shared = previous.map { table.withBytes(of: $0) { Self.common($0, bytes) } } ?? 0
                lengths.uvarint(UInt64(shared))
                lengths.uvarint(UInt64(bytes.count - shared))
                suffixes.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[shared...]))
            }
            previous = symbol
        }
        return Result(
            distinct: order.count, lengths: lengths.bytes, suffixes: suffixes,
            codes: codes.map { ranks[Int($0)] })
    }

    private static func common(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let count = min(left.count, right.count)
        var index = 0
        while index < count, left[index] == right[index] { index += 1 }
        return index
    }
}
