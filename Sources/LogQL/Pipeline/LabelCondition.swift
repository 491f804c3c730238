import MartletCore

/// A label filter ready to run.
indirect enum LabelCondition {
    case text(name: [UInt8], Matcher)
    case value(name: [UInt8], LabelFilter.Comparison, Double, LabelFilter.Unit)
    case address(name: [UInt8], isNegative: Bool, AddressMatcher)
    case and(LabelCondition, LabelCondition)
    case or(LabelCondition, LabelCondition)

    init(_ filter: LabelFilter) {
        switch filter {
        case .text(let matcher): self = .text(name: Array(matcher.name.utf8), matcher)
        case .value(let name, let comparison, let value, let unit):
            self = .value(name: Array(name.utf8), comparison, value, unit)
        case .address(let name, let isNegative, let matcher):
            self = .address(name: Array(name.utf8), isNegative: isNegative, matcher)
        case .and(let left, let right): self = .and(LabelCondition(left), LabelCondition(right))
        case .or(let left, let right): self = .or(LabelCondition(left), LabelCondition(right))
        }
    }

    /// Whether the line stays. A typed filter drops a line without the label, and keeps one whose value cannot be
    /// converted, with `LabelFilterErr`.
    func passes(_ labels: inout LineLabels) -> Bool {
        switch self {
        case .text(let name, let matcher): return labels.withValue(name) { matcher.matches($0) }
        case .value(let name, let comparison, let wanted, let unit):
            // The error is no label to them.
            guard labels.contains(name), name != LineLabels.error else { return false }
            guard let value = labels.withValue(name, { NumberText.value($0, unit) }) else {
                // A line that is in error already stays as it is.
                guard !labels.hasError else { return true }
                let text = labels.withValue(name) { String(decoding: $0, as: UTF8.self) }
                labels.fail("LabelFilterErr", NumberText.complaint(text, unit))
                return true
            }
            return comparison.holds(value, wanted)
        case .address(let name, let isNegative, let matcher):
            // Only texts can drop a line in error.
            if labels.hasError { return true }
            guard labels.contains(name) else { return false }
            return labels.withValue(name) { matcher.findsAddress(in: $0) } != isNegative
        case .and(let left, let right): return left.passes(&labels) && right.passes(&labels)
        case .or(let left, let right): return left.passes(&labels) || right.passes(&labels)
        }
    }
}
