/// The segments of the record log that a part stands for, and the file's name that says so.
struct SegmentSpan: Sendable, Hashable {
    private static let suffix = ".part"
    /// What a damaged file's name ends with.
    static let damagedSuffix = ".damaged"

    let first: Int
    let last: Int

    init(first: Int, last: Int) {
        self.first = first
        self.last = last
    }

    /// The span that a file name tells; nil for other files.
    init?(fileName: String) {
        guard fileName.hasSuffix(Self.suffix) else { return nil }
        let numbers = fileName.dropLast(Self.suffix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard numbers.count == 2, let first = Int(numbers[0]), let last = Int(numbers[1]), first >= 0, first <= last,
            SegmentSpan(first: first, last: last).fileName == fileName
        else { return nil }
        self.init(first: first, last: last)
    }

    /// The span of a file that was put aside.
    init?(damagedFileName name: String) {
        guard name.hasSuffix(Self.damagedSuffix) else { return nil }
        self.init(fileName: String(name.dropLast(Self.damagedSuffix.count)))
    }

    var fileName: String { "\(Self.padded(first))-\(Self.padded(last))\(Self.suffix)" }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// Whether what `other` stands for is part of what this one stands for.
    func covers(_ other: SegmentSpan) -> Bool { first <= other.first && other.last <= last }
}
