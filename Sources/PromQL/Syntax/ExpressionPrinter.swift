import MartletCore

extension Expression: CustomStringConvertible {
    /// The expression's canonical text, as Prometheus prints it.
    package var description: String {
        switch self {
        case .number(let node):
            return node.isDuration && node.value.magnitude < 9e15
                ? PrometheusDuration.format(Int64((node.value * 1000).rounded())) : FloatText.fixed(node.value)
        case .string(let node):
            var text: [UInt8] = []
            node.bytes.withUnsafeBytes { GoQuote.append($0, to: &text) }
            return String(decoding: text, as: UTF8.self)
        case .parenthesised(let inner, _): return "(\(inner))"
        case .unary(let isMinus, let inner, _): return (isMinus ? "-" : "+") + inner.description
        case .binary(let node): return node.text
        case .aggregate(let node): return node.text
        case .call(let node):
            return "\(node.function.name)(\(node.arguments.map(\.description).joined(separator: ", ")))"
        case .selector(let node): return node.text + Expression.modifiers(node.at, node.offset)
        case .matrix(let node):
            return "\(node.selector.text)[\(node.duration)]"
                + Expression.modifiers(node.selector.at, node.selector.offset)
        case .subquery(let node):
            return "\(node.expression)[\(node.duration):\(node.step?.description ?? "")]"
                + Expression.modifiers(node.at, node.offset)
        }
    }

    private static func modifiers(_ at: At?, _ offset: DurationExpression?) -> String {
        var text = ""
        switch at {
        case .time(let milliseconds):
            let sign = milliseconds < 0 ? "-" : ""
            let fraction = String(milliseconds.magnitude % 1000)
            let padded = String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
            text += " @ \(sign)\(milliseconds.magnitude / 1000).\(padded)"
        case .start: text += " @ start()"
        case .end: text += " @ end()"
        case nil: break
        }
        if let offset, offset.constantMilliseconds != 0 { text += " offset \(offset)" }
        return text
    }

    /// Label names as they stand in lists; those outside the legacy alphabet are quoted.
    fileprivate static func list(_ labels: [String]) -> String {
        labels.map { LabelName.isLegacyLabelName($0.utf8) ? $0 : GoQuote.quote($0) }.joined(separator: ", ")
    }
}

extension Expression.Binary {
    fileprivate var text: String {
        var middle = operation.rawValue
        if returnsBool { middle += " bool" }
        if let matching,
            matching.on || !matching.labels.isEmpty || matching.cardinality == .manyToOne
                || matching.cardinality == .oneToMany
        {
            middle += " \(matching.on ? "on" : "ignoring") (\(Expression.list(matching.labels)))"
            switch matching.cardinality {
            case .manyToOne: middle += " group_left (\(Expression.list(matching.include)))"
            case .oneToMany: middle += " group_right (\(Expression.list(matching.include)))"
            default: break
            }
        }
        return "\(left) \(middle) \(right)"
    }
}

extension Expression.Aggregate {
    fileprivate var text: String {
        var head = operation.rawValue
        if without {
            head += " without (\(Expression.list(grouping))) "
        } else if !grouping.isEmpty {
            head += " by (\(Expression.list(grouping))) "
        }
        let arguments = (parameter.map { "\($0), " } ?? "") + expression.description
        return "\(head)(\(arguments))"
    }
}

extension Expression.Selector {
    /// Without `@` and `offset`.
    fileprivate var text: String {
        var inside = matchers
        if !name.isEmpty { inside.removeAll { $0.kind == .equal && $0.name == Labels.metricName && $0.value == name } }
        let matchersText = inside.map(\.description).joined(separator: ",")
        if !name.isEmpty, !LabelName.isLegacyMetricName(name.utf8) {
            return "{\(GoQuote.quote(name))\(inside.isEmpty ? "" : ",")\(matchersText)}"
        }
        return inside.isEmpty && !name.isEmpty ? name : "\(name){\(matchersText)}"
    }
}
