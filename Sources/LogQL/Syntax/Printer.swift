import MartletCore

/// Queries on one line, as Loki prints them.
extension QueryExpression: CustomStringConvertible {
    package var description: String {
        switch self {
        case .log(let log): log.description
        case .number(let number): FloatText.general(number)
        case .vector(let number): "vector(\(Printf.text("%f", number)))"
        case .range(let range): range.description
        case .aggregation(let aggregation): aggregation.description
        case .binary(let binary): binary.description
        case .labelReplace(let inner, let destination, let replacement, let source, let regex):
            "label_replace("
                + ([inner.description] + [destination, replacement, source, regex.pattern].map(GoQuote.quote))
                .joined(separator: ",") + ")"
        }
    }
}

extension LogExpression: CustomStringConvertible {
    package var description: String {
        stages.isEmpty ? selector : selector + " " + stages.map(\.description).joined(separator: " ")
    }

    /// `{a="b", c=~"d"}`
    var selector: String { "{" + matchers.map(\.text).joined(separator: ", ") + "}" }
}

extension Matcher {
    /// The matcher as a query has it.
    fileprivate var text: String { "\(name)\(kind.rawValue)\(GoQuote.quote(value))" }
}

extension LogStage: CustomStringConvertible {
    package var description: String {
        switch self {
        case .lineFilter(let filter): filter.description
        case .json(let extractions): Self.parser("json", [], extractions)
        case .logfmt(let strict, let keepEmpty, let extractions):
            Self.parser(
                "logfmt", (strict ? ["--strict"] : []) + (keepEmpty ? ["--keep-empty"] : []), extractions)
        case .regexp(let regex): "| regexp \(GoQuote.quote(regex.pattern))"
        case .pattern(let pattern): "| pattern \(GoQuote.quote(pattern.text))"
        case .unpack: "| unpack"
        case .labelFilter(let filter): "| \(filter)"
        case .lineFormat(let template): "| line_format \(GoQuote.quote(template))"
        case .labelFormat(let formats): "| label_format " + formats.map(\.description).joined(separator: ",")
        case .drop(let choices): "| drop " + choices.map(\.description).joined(separator: ",")
        case .keep(let choices): "| keep " + choices.map(\.description).joined(separator: ",")
        case .decolorize: "| decolorize"
        }
    }

    private static func parser(_ name: String, _ flags: [String], _ extractions: [LabelExtraction]) -> String {
        let list = extractions.map { "\($0.name)=\(GoQuote.quote($0.path))" }.joined(separator: ",")
        return (["|", name] + flags + (list.isEmpty ? [] : [list])).joined(separator: " ")
    }
}

extension LineFilter: CustomStringConvertible {
    package var description: String { parts.map(\.text).joined(separator: " ") }

    /// The filter as Loki takes it apart: none of several texts is one filter after the other.
    var parts: [LineFilter] {
        operation.isNegative && operands.count > 1 ? operands.map { LineFilter(operation, [$0]) } : [self]
    }

    private var text: String {
        operation.rawValue + " " + operands.map(\.description).joined(separator: " or ")
    }
}

extension LineFilter.Operand: CustomStringConvertible {
    package var description: String {
        switch self {
        case .text(let text): GoQuote.quote(String(decoding: text, as: UTF8.self))
        case .regex(let regex): GoQuote.quote(regex.pattern)
        case .pattern(let pattern): GoQuote.quote(pattern.text)
        case .address(let matcher): "ip(\(GoQuote.quote(matcher.text)))"
        }
    }
}

extension LabelFormat: CustomStringConvertible {
    package var description: String {
        switch self {
        case .rename(let name, let source): "\(name)=\(source)"
        case .template(let name, let text): "\(name)=\(GoQuote.quote(text))"
        }
    }
}

extension LabelChoice: CustomStringConvertible {
    package var description: String {
        switch self {
        case .name(let name): name
        case .matcher(let matcher): matcher.text
        }
    }
}

extension LabelFilter: CustomStringConvertible {
    package var description: String {
        switch self {
        case .text(let matcher): Self.text(matcher)
        case .value(let name, let comparison, let value, let unit):
            "\(name)\(comparison.rawValue)\(Self.text(value, unit))"
        case .address(let name, let isNegative, let matcher):
            "\(name)\(isNegative ? "!=" : "=")ip(\(GoQuote.quote(matcher.text)))"
        case .and(let left, let right): "( \(left) , \(right) )"
        case .or(let left, let right): "( \(left) or \(right) )"
        }
    }

    /// Loki shows an expression that it cannot do without between backticks.
    private static func text(_ matcher: Matcher) -> String {
        guard matcher.kind == .regex, !matcher.value.contains("`"), needsAutomaton(matcher.value) else {
            return matcher.text
        }
        return "\(matcher.name)=~`\(matcher.value)`"
    }

    private static func needsAutomaton(_ pattern: String) -> Bool {
        let plain = pattern.hasPrefix("(?i)") ? pattern.dropFirst(4) : pattern[...]
        let hasBrackets = plain.contains { "()[]\\".contains($0) }
        let choices = hasBrackets ? [plain] : plain.split(separator: "|", omittingEmptySubsequences: false)
        return choices.contains { (try? Regex(String($0), anchored: true))?.needsAutomaton ?? true }
    }

    private static func text(_ value: Double, _ unit: Unit) -> String {
        switch unit {
        case .number: FloatText.fixed(value)
        case .duration: GoDuration.format(Int64(value))
        case .bytes: ByteCountText.format(value)
        }
    }
}

extension Unwrap: CustomStringConvertible {
    package var description: String {
        ([head] + filters.map { "| \($0)" }).joined(separator: " ")
    }

    /// `| unwrap bytes(size)`
    var head: String { conversion == .number ? "| unwrap \(label)" : "| unwrap \(conversion.rawValue)(\(label))" }
}

extension LogRange: CustomStringConvertible {
    package var description: String {
        let unwrapped = unwrap.map { "\(log) \($0)" } ?? log.description
        return "\(unwrapped)[\(Self.text(range))]" + (offset == 0 ? "" : " offset \(GoDuration.format(offset))")
    }

    /// A duration as Prometheus writes it: `1h30m`.
    static func text(_ nanoseconds: Int64) -> String {
        let text = PrometheusDuration.format(Int64(nanoseconds.magnitude / 1_000_000))
        return nanoseconds < 0 ? "-" + text : text
    }
}

extension Grouping: CustomStringConvertible {
    package var description: String { " \(isWithout ? "without" : "by") (\(names.joined(separator: ",")))" }

    /// Whether it says no more than its absence.
    var isAll: Bool { !isWithout && names.isEmpty }
}

extension RangeAggregation: CustomStringConvertible {
    package var description: String {
        let phi = parameter.map { FloatText.fixed($0) + "," } ?? ""
        return "\(operation.rawValue)(\(phi)\(range))\(grouping?.description ?? "")"
    }
}

extension VectorAggregation: CustomStringConvertible {
    package var description: String {
        let k = parameter.map { "\($0)," } ?? ""
        let by = grouping.map { $0.isAll ? "" : $0.description } ?? ""
        return "\(operation.rawValue)\(by)(\(k)\(inner))"
    }
}

extension BinaryOperation: CustomStringConvertible {
    package var description: String {
        var sign = operation.rawValue + (returnsBool ? " bool" : "")
        if matching.isOn || !matching.names.isEmpty {
            var group = matching.groupName
            if !matching.include.isEmpty { group += " (\(matching.include.joined(separator: ",")))" }
            sign += " \(matching.isOn ? "on" : "ignoring") (\(matching.names.joined(separator: ","))) \(group)"
        }
        return "(\(left) \(sign) \(right))"
    }
}

extension BinaryOperation.Matching {
    /// `group_left`, `group_right`, or nothing.
    var groupName: String {
        switch cardinality {
        case .oneToOne: ""
        case .manyToOne: "group_left"
        case .oneToMany: "group_right"
        }
    }
}
