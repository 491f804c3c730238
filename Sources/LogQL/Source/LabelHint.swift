package import MartletCore

/// What is known of the stored labels of entries that pass a pipeline: a condition on labels that it has. A source may leave
/// out entries of which a `LabelHintCheck` says that they do not pass; it need not, as the pipeline looks again.
package struct LabelHint: Sendable, Hashable {
    let filter: LabelFilter
    /// Whether a label that is not stored may have been found in the line.
    let isBehindParser: Bool

    /// The labels that it looks at.
    package var names: [String] { filter.names }

    /// What the stages of a pipeline ask of stored labels, as long as no stage changes these: parsers leave stored labels
    /// alone, and give what they find under the same name another one.
    package static func hints(_ stages: [LogStage]) -> [LabelHint] {
        var hints: [LabelHint] = []
        var isBehindParser = false
        for stage in stages {
            switch stage {
            case .lineFilter, .lineFormat, .decolorize: continue
            case .json, .logfmt, .regexp, .pattern: isBehindParser = true
            case .labelFilter(let filter): hints.append(LabelHint(filter: filter, isBehindParser: isBehindParser))
            case .unpack, .labelFormat, .drop, .keep: return hints
            }
        }
        return hints
    }
}

/// Puts hints to sets of metadata of one stream.
package struct LabelHintCheck {
    private let conditions: [(condition: LabelCondition, isBehindParser: Bool)]
    private var labels = LineLabels()

    /// Nil when there are no hints.
    package init?(_ hints: [LabelHint], stream: Labels) {
        guard !hints.isEmpty else { return nil }
        conditions = hints.map { (LabelCondition($0.filter), $0.isBehindParser) }
        labels.begin(stream: stream)
    }

    /// Whether entries with this metadata, in `Labels`' encoding, may pass.
    package mutating func mayPass(_ metadata: UnsafeRawBufferPointer) -> Bool {
        labels.begin(metadata: metadata)
        return conditions.allSatisfy { mayPass($0.condition, isBehindParser: $0.isBehindParser) }
    }

    private func mayPass(_ condition: LabelCondition, isBehindParser: Bool) -> Bool {
        switch condition {
        case .text(let name, let matcher):
            guard isTold(name, isBehindParser) else { return true }
            return labels.withValue(name) { matcher.matches($0) }
        case .value(let name, let comparison, let wanted, let unit):
            guard isTold(name, isBehindParser) else { return true }
            guard labels.contains(name) else { return false }
            // A text that is no number passes, and puts the line in error.
            return labels.withValue(name) { NumberText.value($0, unit) }.map { comparison.holds($0, wanted) } ?? true
        case .address: return true
        case .and(let left, let right):
            return mayPass(left, isBehindParser: isBehindParser) && mayPass(right, isBehindParser: isBehindParser)
        case .or(let left, let right):
            return mayPass(left, isBehindParser: isBehindParser) || mayPass(right, isBehindParser: isBehindParser)
        }
    }

    /// Whether the stored labels tell the label's value. They do not tell errors, nor what gives way to a parser's findings.
    private func isTold(_ name: [UInt8], _ isBehindParser: Bool) -> Bool {
        guard !name.starts(with: "__".utf8), !name.reversed().starts(with: "_extracted".utf8.reversed()) else {
            return false
        }
        return !isBehindParser || labels.contains(name)
    }
}
