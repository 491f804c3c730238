import Durable
import MartletCore

/// Walks over an index' symbols in order.
struct SymbolWalk {
    private let map: MappedFile
    private let count: Int
    private var end: Int
    /// Number of the current symbol.
    private(set) var number = -1
    private var range = 0..<0

    /// A walk over symbols whose lengths were followed when the index was opened.
    init(_ map: MappedFile, from start: Int, count: Int) {
        self.map = map
        self.count = count
        end = start
    }

    /// Goes to the next symbol; false behind the last.
    mutating func advance() -> Bool {
        number += 1
        guard number < count else { return false }
        range = map.withBytes { bytes in
            var cursor = ByteCursor(bytes, offset: end)
            guard let symbol = try? cursor.uvarintBytes() else { return end..<end }
            return cursor.offset - symbol.count..<cursor.offset
        }
        end = range.upperBound
        return true
    }

    /// The current symbol.
    func withCurrent<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try map.withBytes { (bytes) throws(E) in try body(UnsafeRawBufferPointer(rebasing: bytes[range])) }
    }
}
