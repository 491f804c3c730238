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
        case .binary(let node): return "\(node.left) \(node.operatorText) \(node.right)"
        case .aggregate(let node):
            return node.head + "(" + (node.parameter.map { "\($0), " } ?? "") + node.expression.description + ")"
        case .call(let node):
            return "\(node.function.name)(\(node.arguments.map(\.description).joined(separator: ", ")))"
        case .selector(let node):
            return node.text + Expression.text(node.at) + Expression.text(node.boundary) + Expression.text(node.offset)
        case .matrix(let node):
            let selector = node.selector
            return "\(selector.text)[\(node.duration)]" + Expression.text(selector.boundary)
                + Expression.text(selector.at) + Expression.text(selector.offset)
        case .subquery(let node):
            return "\(node.expression)\(node.brackets)"
        }
    }

    fileprivate static func text(_ at: At?) -> String {
        switch at {
        case .time(let milliseconds):
            let sign = milliseconds < 0 ? "-" : ""
            let fraction = String(milliseconds.magnitude % 1000)
            let padded = String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
            return " @ \(sign)\(milliseconds.magnitude / 1000).\(padded)"
        case .start: return " @ start()"
        case .end: return " @ end()"
        case nil: return ""
        }
    }

    fileprivate static func text(_ offset: DurationExpression?) -> String {
        guard let offset, offset.constantMilliseconds != 0 else { return "" }
        return " offset \(offset)"
    }

    private static func text(_ boundary: Boundary?) -> String { boundary.map { " \($0.rawValue)" } ?? "" }

    /// Label names as they stand in lists; those outside the legacy alphabet are quoted.
    fileprivate static func list(_ labels: [String]) -> String {
        labels.map { LabelName.isLegacyLabelName($0.utf8) ? $0 : GoQuote.quote($0) }.joined(separator: ", ")
    }
}

extension Expression.Binary {
    /// The operator with its modifiers, as it stands between the operands.
    var operatorText: String {
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
        if let left = matching?.fillLeft, left == matching?.fillRight {
            middle += " fill (\(FloatText.general(left)))"
        } else {
            if let fill = matching?.fillLeft { middle += " fill_left (\(FloatText.general(fill)))" }
            if let fill = matching?.fillRight { middle += " fill_right (\(FloatText.general(fill)))" }
        }
        return middle
    }
}

extension Expression.Aggregate {
    /// What stands before the parenthesis: the operation and its grouping.
    var head: String {
        if without { return "\(operation.rawValue) without (\(Expression.list(grouping))) " }
        return grouping.isEmpty ? operation.rawValue : "\(operation.rawValue) by (\(Expression.list(grouping))) "
    }
}

extension Expression.Subquery {
    /// What stands behind the expression: range and step, `@` and `offset`.
    var brackets: String {
        "[\(duration):\(step?.description ?? "")]" + Expression.text(at) + Expression.text(offset)
    }
}

extension Expression.Selector {
    /// Without `@` and `offset`.
    fileprivate var text: String {
        var inside = matchers
        if !name.isEmpty { inside.removeAll { $0.kind == .equal && $0.name == Labels.metricName && $0.value == name } }
        let matchersText = inside.map(\.description).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .joined(separator: ",")
        return inside.isEmpty && !name.isEmpty ? name : "\(name){\(matchersText)}"
    }
}
