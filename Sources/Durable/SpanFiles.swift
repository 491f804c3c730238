/// The files of a store that stand for segments of its record log, by their names: `00000003-00000007.seg`, and
/// `00000003-00000007.2.seg` when it was written again twice.
package struct SpanFiles: Sendable {
    /// What the name of one that was put aside ends with.
    package static let damagedSuffix = ".damaged"

    private let suffix: String

    /// Those whose names end with a suffix, such as `.seg`.
    package init(suffix: String) {
        self.suffix = suffix
    }

    /// The name of a file.
    package func name(of span: SegmentSpan) -> String {
        let revision = span.revision > 0 ? ".\(span.revision)" : ""
        return "\(SegmentName.format(span.first))-\(SegmentName.format(span.last))\(revision)\(suffix)"
    }

    /// What a file stands for; nil for a name that is none of theirs.
    package func span(of name: String) -> SegmentSpan? {
        guard name.hasSuffix(suffix) else { return nil }
        let parts = name.dropLast(suffix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let revision = parts.count == 2 ? Int(parts[1]) : 0 else { return nil }
        let numbers = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard numbers.count == 2, let first = Int(numbers[0]), let last = Int(numbers[1]), first >= 0, first <= last
        else { return nil }
        let span = SegmentSpan(first: first, last: last, revision: revision)
        return self.name(of: span) == name ? span : nil
    }

    /// What a file stands for that was put aside; nil for others.
    package func damagedSpan(of name: String) -> SegmentSpan? {
        name.hasSuffix(Self.damagedSuffix) ? span(of: String(name.dropLast(Self.damagedSuffix.count))) : nil
    }

    /// Removes from a record log what files in a directory stand for, before it is opened; the segment that comes next. A
    /// number is never used twice: what a file stands for is never replayed. The directories are made where they are missing.
    package func cut(
        log: String, behind directory: String, on fileSystem: any FileSystem
    ) throws(DurableError) -> Int {
        try fileSystem.makeDirectories(directory)
        let spans = try fileSystem.list(directory).compactMap { span(of: $0) ?? damagedSpan(of: $0) }
        guard let last = spans.map(\.last).max() else { return 0 }
        try fileSystem.makeDirectories(log)
        for name in try fileSystem.list(log) {
            guard let number = Int(name), number <= last else { continue }
            try fileSystem.unlink(FilePath.join(log, name))
        }
        try fileSystem.syncDirectory(log)
        return last + 1
    }
}
