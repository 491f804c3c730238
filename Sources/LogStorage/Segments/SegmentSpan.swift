/// The segments of the record log that a segment file stands for, and the file's name that says so.
package struct SegmentSpan: Sendable, Hashable, Comparable {
    private static let suffix = ".seg"
    /// What a damaged file's name ends with.
    static let damagedSuffix = ".damaged"

    /// The first segment.
    package let first: Int
    /// The last segment.
    package let last: Int
    /// Counts how often the file was written again by itself, without lines that had to go.
    package let revision: Int

    /// The file of the segments `first` to `last`.
    package init(first: Int, last: Int, revision: Int = 0) {
        self.first = first
        self.last = last
        self.revision = revision
    }

    /// By first segment, then by last, then by revision.
    package static func < (a: SegmentSpan, b: SegmentSpan) -> Bool {
        (a.first, a.last, a.revision) < (b.first, b.last, b.revision)
    }

    /// The same for the file that comes in this one's place.
    var revised: SegmentSpan { SegmentSpan(first: first, last: last, revision: revision + 1) }

    /// The span that a file name tells; nil for other files.
    init?(fileName: String) {
        guard fileName.hasSuffix(Self.suffix) else { return nil }
        let parts = fileName.dropLast(Self.suffix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let revision = parts.count == 2 ? Int(parts[1]) : 0 else { return nil }
        let numbers = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard numbers.count == 2, let first = Int(numbers[0]), let last = Int(numbers[1]), first >= 0, first <= last
        else { return nil }
        self.init(first: first, last: last, revision: revision)
        guard self.fileName == fileName else { return nil }
    }

    /// The span of a file that was put aside.
    init?(damagedFileName name: String) {
        guard name.hasSuffix(Self.damagedSuffix) else { return nil }
        self.init(fileName: String(name.dropLast(Self.damagedSuffix.count)))
    }

    var fileName: String {
        "\(Self.padded(first))-\(Self.padded(last))\(revision > 0 ? ".\(revision)" : "")\(Self.suffix)"
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// Whether what `other` stands for is part of what this one stands for, and this one came later.
    func replaces(_ other: SegmentSpan) -> Bool {
        if first == other.first, last == other.last { return revision > other.revision }
        return first <= other.first && other.last <= last
    }
}
