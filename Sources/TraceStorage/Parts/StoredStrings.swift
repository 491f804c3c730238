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
        let (shared, starts) = try Self.lengths(count: count, lengths, suffixes: suffixes.count)
        slab = suffixes.withUnsafeBufferPointer { suffixes in
            [UInt8](unsafeUninitializedCapacity: starts[count]) { slab, filled in
                guard let base = slab.baseAddress, var next = suffixes.baseAddress else { return }
                for index in 0..<count {
                    let place = base + starts[index]
                    // The lengths were checked: what is shared lies in the string before.
                    if shared[index] > 0 { place.update(from: base + starts[index - 1], count: shared[index]) }
                    let own = starts[index + 1] - starts[index] - shared[index]
                    (place + shared[index]).update(from: next, count: own)
                    next += own
                }
                filled = starts[count]
            }
        }
        self.starts = starts
    }

    /// Puts together only the strings whose numbers `wanted` holds, ascending; their new numbers are their places in there.
    init(count: Int, lengths: [UInt8], suffixes: [UInt8], wanted: [Int]) throws(PartFormatError) {
        let (shared, starts) = try Self.lengths(count: count, lengths, suffixes: suffixes.count)
        if let last = wanted.last, last >= count { throw PartFormatError("a string's number is out of range") }
        var slab: [UInt8] = []
        var ends = [0]
        let longest = (0..<count).reduce(0) { max($0, starts[$1 + 1] - starts[$1]) }
        suffixes.withUnsafeBytes { suffixes in
            withUnsafeTemporaryAllocation(byteCount: max(1, longest), alignment: 1) { text in
                var next = 0
                var index = 0
                // Each string begins with bytes of the one before: all are walked over, up to the last one wanted.
                for number in wanted {
                    while index <= number {
                        let own = starts[index + 1] - starts[index] - shared[index]
                        let place = UnsafeMutableRawBufferPointer(rebasing: text[shared[index]..<shared[index] + own])
                        place.copyMemory(from: UnsafeRawBufferPointer(rebasing: suffixes[next..<next + own]))
                        next += own
                        index += 1
                    }
                    let string = text[..<(starts[number + 1] - starts[number])]
                    slab.append(contentsOf: UnsafeMutableRawBufferPointer(rebasing: string))
                    ends.append(slab.count)
                }
            }
        }
        self.slab = slab
        self.starts = ends
    }

    /// For each string the bytes that it shares with the one before, and where all begin.
    private static func lengths(
        count: Int, _ lengths: [UInt8], suffixes: Int
    ) throws(PartFormatError) -> (shared: [Int], starts: [Int]) {
        var allShared: [Int] = []
        var starts: [Int] = [0]
        allShared.reserveCapacity(count)
        starts.reserveCapacity(count + 1)
        let failure = lengths.withUnsafeBytes { lengths -> String? in
            var cursor = ByteCursor(lengths)
            var end = 0
            var before = 0
            var left = suffixes
            do throws(ByteCursorError) {
                for _ in 0..<count {
                    let (shared, own) = (try cursor.uvarint(), try cursor.uvarint())
                    guard shared <= UInt64(before), own <= UInt64(left) else {
                        return "a string's length is out of range"
                    }
                    before = Int(shared + own)
                    left -= Int(own)
                    end += before
                    guard end <= largest else { return "a column's strings exceed \(largest) bytes" }
                    allShared.append(Int(shared))
                    starts.append(end)
                }
            } catch {
                return "\(error)"
            }
            return left == 0 && cursor.isAtEnd ? nil : "a page of strings is too long"
        }
        if let failure { throw PartFormatError(failure) }
        return (allShared, starts)
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
