package import MartletCore

/// `drop`: lines that meet all of the given conditions go no further.
package struct DropStage: PipelineStage {
    /// The conditions of one drop stage; those that are nil always hold.
    package struct Conditions: Sendable {
        /// Extracted values to look at, joined by `separator`; none is the line.
        package var sources: [String] = []
        /// Between the values of several sources.
        package var separator = ";"
        /// Matches the source.
        package var expression: Regex?
        /// Equals the source.
        package var value: String?
        /// Nanoseconds: the line's timestamp is older than this.
        package var olderThan: Int64?
        /// Bytes: the line is longer than this.
        package var longerThan: Int?
        /// The reason under which drops are counted.
        package var reason = "drop_stage"

        /// None.
        package init() {}
    }

    private let conditions: Conditions
    private let now: @Sendable () -> Int64
    private var dropped: UInt64 = 0

    /// `now` gives Unix time in nanoseconds.
    package init(_ conditions: Conditions, now: @escaping @Sendable () -> Int64) {
        self.conditions = conditions
        self.now = now
    }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        if drops(entry) {
            dropped += 1
        } else {
            output.append(entry)
        }
    }

    package mutating func takeDropped() -> [String: UInt64] {
        defer { dropped = 0 }
        return dropped == 0 ? [:] : [conditions.reason: dropped]
    }

    private func drops(_ entry: PipelineEntry) -> Bool {
        if let limit = conditions.longerThan, entry.line.count <= limit { return false }
        if let age = conditions.olderThan, entry.timestamp >= now() - age { return false }
        guard conditions.value != nil || conditions.expression != nil || !conditions.sources.isEmpty else {
            return true
        }
        var text = entry.line
        if !conditions.sources.isEmpty {
            var values: [String] = []
            for source in conditions.sources {
                guard let value = entry.extracted[source] else { return false }
                values.append(value)
            }
            text = Array(values.joined(separator: conditions.separator).utf8)
        }
        if let value = conditions.value, !text.elementsEqual(value.utf8) { return false }
        if let expression = conditions.expression, !text.withUnsafeBytes({ expression.matches($0) }) { return false }
        return true
    }
}
