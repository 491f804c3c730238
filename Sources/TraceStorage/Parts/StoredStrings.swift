import MartletCore
import TraceQL

/// The distinct strings of a column, sorted bytewise, in memory.
final class StoredStrings: StringDictionary {
    private let slab: [UInt8]
    /// Start of every string in `slab`, and its end as the last element.
    private let starts: [Int]

    /// Most bytes of all strings of a column, so that damage cannot ask for any amount of memory.
    private static let largest = 1 << 30

    /// No strings.
    static let none = StoredStrings(slab: [], starts: [0])

    private init(slab: [UInt8], starts: [Int]) {
        self.slab = slab
        self.starts = starts
    }

    /// Bytes of memory held.
    var memory: Int { slab.count + starts.count * 8 + 64 }

    var count: Int { starts.count - 1 }

    /// Puts the strings together from the pages of a `StringColumn`.
    init(count: Int, lengths: [UInt8], suffixes: [UInt8]) throws(PartFormatError) {
        var slab: [UInt8] = []
        var starts: [Int] = [0]
        slab.reserveCapacity(suffixes.count * 2)
        starts.reserveCapacity(count + 1)
        let failure = lengths.withUnsafeBytes { lengths in
            suffixes.withUnsafeBytes { suffixes -> String? in
                var cursor = ByteCursor(lengths)
                var next = 0
                do throws(ByteCursorError) {
                    for index in 0..<count {
                        let shared = try cursor.uvarint()
                        let own = try cursor.uvarint()
                        let before = index == 0 ? 0 : starts[index] - starts[index - 1]
                        guard shared <= UInt64(before), own <= UInt64(suffixes.count - next) else {
                            return "a string's length is out of range"
                        }
                        if shared > 0 {
                            let first = starts[index - 1]
                            slab.append(contentsOf: slab[first..<first + Int(shared)])
                        }
                        slab.append(contentsOf: UnsafeRawBufferPointer(rebasing: suffixes[next..<next + Int(own)]))
                        next += Int(own)
                        guard slab.count <= Self.largest else {
                            return "a column's strings exceed \(Self.largest) bytes"
                        }
                        starts.append(slab.count)
                    }
                } catch {
                    return "\(error)"
                }
                return next == suffixes.count && cursor.isAtEnd ? nil : "a page of strings is too long"
            }
        }
        if let failure { throw PartFormatError(failure) }
        self.slab = slab
        self.starts = starts
    }

    /// Gives the bytes of a string, for the time of the call.
    func withBytes<Result>(of code: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let range = starts[Int(code)]..<starts[Int(code) + 1]
        return slab.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    func withString(_ code: UInt32, _ body: (UnsafeRawBufferPointer) -> Void) { withBytes(of: code, body) }

    func code(of bytes: UnsafeRawBufferPointer) -> UInt32? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let order = withBytes(of: UInt32(middle)) { Bytes.compare($0, bytes) }
            if order == 0 { return UInt32(middle) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }
}
