import MartletCore

/// Which pages of an object are in a file as large as the object.
final class ObjectPages: Sendable {
    static let pageSize: Int64 = 128 << 10
    /// Pages that are fetched beyond what is wanted by who reads on where the last read ended.
    private static let ahead = 7

    let path: String
    private let size: Int64
    private let present: Lock<[Bool]>

    /// Nothing of an object of `size` bytes.
    init(_ path: String, size: Int64) {
        self.path = path
        self.size = size
        present = Lock([Bool](repeating: false, count: Int((size + Self.pageSize - 1) / Self.pageSize)))
    }

    /// Bytes that were fetched.
    var byteCount: Int { present.withLock { $0.count { $0 } } * Int(Self.pageSize) }

    /// Runs of whole pages that are missing of a range within the object. Where the page before is there, some behind it are
    /// added: blocks of a stream and pages of a group lie one after the other, and a request costs more than what it brings.
    func missing(_ range: Range<Int64>) -> [Range<Int64>] {
        present.withLock { present in
            var runs: [Range<Int64>] = []
            guard !range.isEmpty else { return runs }
            let first = Int(range.lowerBound / Self.pageSize)
            var last = Int((range.upperBound - 1) / Self.pageSize)
            if first > 0, present[first - 1], !present[last] { last += Self.ahead }
            for page in first...last where page < present.count && !present[page] {
                let start = Int64(page) * Self.pageSize
                let end = min(start + Self.pageSize, size)
                if let last = runs.last, last.upperBound == start {
                    runs[runs.count - 1] = last.lowerBound..<end
                } else {
                    runs.append(start..<end)
                }
            }
            return runs
        }
    }

    /// Notes pages that are there now; how many bytes more than before.
    func note(_ range: Range<Int64>) -> Int {
        present.withLock { present in
            var more = 0
            for page in Int(range.lowerBound / Self.pageSize)...Int((range.upperBound - 1) / Self.pageSize)
            where !present[page] {
                present[page] = true
                more += Int(Self.pageSize)
            }
            return more
        }
    }
}
