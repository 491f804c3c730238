package import MartletCore

/// The tree of an expression as Prometheus' `/api/v1/parse_query` tells it; keys in alphabetical order.
package enum ExpressionJSON {
    /// Writes an expression.
    package static func write(_ expression: Expression, to json: inout JSONWriter) {
        switch expression {
        case .number(let node): literal("numberLiteral", FloatText.fixed(node.value), &json)
        case .string(let node): literal("stringLiteral", node.text, &json)
        case .parenthesised(let inner, _):
            json.beginObject()
            part("expr", inner, &json)
            end("parenExpr", &json)
        case .unary(let isMinus, let inner, _):
            json.beginObject()
            part("expr", inner, &json)
            json.member("op", isMinus ? "-" : "+")
            end("unaryExpr", &json)
        case .binary(let node): binary(node, &json)
        case .aggregate(let node): aggregation(node, &json)
        case .call(let node): call(node, &json)
        case .selector(let node): selector(node, nil, &json)
        case .matrix(let node): selector(node.selector, node.duration, &json)
        case .subquery(let node): subquery(node, &json)
        }
    }

    // MARK: Nodes

    private static func aggregation(_ node: Expression.Aggregate, _ json: inout JSONWriter) {
        json.beginObject()
        part("expr", node.expression, &json)
        json.member("grouping", node.grouping)
        json.member("op", node.operation.rawValue)
        json.key("param")
        if let parameter = node.parameter { write(parameter, to: &json) } else { json.null() }
        json.key("type")
        json.string("aggregation")
        json.member("without", node.without)
        json.endObject()
    }

    private static func binary(_ node: Expression.Binary, _ json: inout JSONWriter) {
        json.beginObject()
        json.member("bool", node.returnsBool)
        part("lhs", node.left, &json)
        json.key("matching")
        if let matching = node.matching { write(matching, &json) } else { json.null() }
        json.member("op", node.operation.rawValue)
        part("rhs", node.right, &json)
        end("binaryExpr", &json)
    }

    private static func write(_ matching: VectorMatching, _ json: inout JSONWriter) {
        json.beginObject()
        switch matching.cardinality {
        case .oneToOne: json.member("card", "one-to-one")
        case .manyToOne: json.member("card", "many-to-one")
        case .oneToMany: json.member("card", "one-to-many")
        case .manyToMany: json.member("card", "many-to-many")
        }
        json.key("fillValues")
        json.beginObject()
        for (key, value) in [("lhs", matching.fillLeft), ("rhs", matching.fillRight)] {
            json.key(key)
            if let value, value.isFinite { json.double(value) } else { json.null() }
        }
        json.endObject()
        json.member("include", matching.include)
        json.member("labels", matching.labels)
        json.member("on", matching.on)
        json.endObject()
    }

    private static func call(_ node: Expression.Call, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("args")
        json.beginArray()
        for argument in node.arguments { write(argument, to: &json) }
        json.endArray()
        json.key("func")
        json.beginObject()
        json.member("argTypes", node.function.arguments.map(\.rawValue))
        json.member("name", node.function.name)
        json.member("returnType", node.function.result.rawValue)
        json.key("variadic")
        json.int(node.function.variadic)
        json.endObject()
        end("call", &json)
    }

    /// An instant selector, or with a range a matrix selector.
    private static func selector(
        _ node: Expression.Selector, _ range: DurationExpression?, _ json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("anchored", node.boundary == .anchored)
        json.key("matchers")
        json.beginArray()
        for matcher in node.matchers {
            json.beginObject()
            json.member("name", matcher.name)
            json.member("type", matcher.kind.rawValue)
            json.member("value", matcher.value)
            json.endObject()
        }
        json.endArray()
        json.member("name", node.name)
        duration("offset", node.offset, &json)
        if let range { duration("range", range, &json) }
        json.member("smoothed", node.boundary == .smoothed)
        at(node.at, &json)
        end(range == nil ? "vectorSelector" : "matrixSelector", &json)
    }

    private static func subquery(_ node: Expression.Subquery, _ json: inout JSONWriter) {
        json.beginObject()
        part("expr", node.expression, &json)
        duration("offset", node.offset, &json)
        duration("range", node.duration, &json)
        json.key("startOrEnd")
        word(node.at, &json)
        duration("step", node.step, &json)
        json.key("timestamp")
        time(node.at, &json)
        end("subquery", &json)
    }

    // MARK: Times

    private static func at(_ at: Expression.At?, _ json: inout JSONWriter) {
        json.key("startOrEnd")
        word(at, &json)
        json.key("timestamp")
        time(at, &json)
    }

    private static func word(_ at: Expression.At?, _ json: inout JSONWriter) {
        switch at {
        case .start: json.string("start")
        case .end: json.string("end")
        case .time, nil: json.null()
        }
    }

    private static func time(_ at: Expression.At?, _ json: inout JSONWriter) {
        if case .time(let milliseconds) = at { json.int(milliseconds) } else { json.null() }
    }

    /// `KEY` in milliseconds and `KEYExpr`: a duration that is computed has no milliseconds yet.
    private static func duration(_ key: String, _ duration: DurationExpression?, _ json: inout JSONWriter) {
        let isPlain = duration?.isLiteral ?? true
        json.key(key)
        json.int(isPlain ? duration?.constantMilliseconds ?? 0 : 0)
        json.key(key + "Expr")
        if let duration, !isPlain { write(duration, isWrapped: false, &json) } else { json.null() }
    }

    private static func write(_ duration: DurationExpression, isWrapped: Bool, _ json: inout JSONWriter) {
        switch duration.form {
        // Around a number parentheses are written as a plus before it.
        case .parenthesised(let inner):
            if inner.isLiteral { operation("+", nil, inner, true, &json) } else { write(inner, isWrapped: true, &json) }
        case .literal(let seconds, let isDuration): literal(seconds, isDuration, &json)
        case .negate(let inner):
            // A sign is part of its number.
            if case .literal(let seconds, let isDuration) = duration.withoutSigns.form {
                literal(seconds * duration.sign, isDuration, &json)
            } else {
                operation("-", nil, inner, isWrapped, &json)
            }
        case .step: operation("step", nil, nil, isWrapped, &json)
        case .range: operation("range", nil, nil, isWrapped, &json)
        case .binary(let sign, let left, let right): operation(sign.rawValue, left, right, isWrapped, &json)
        case .least(let left, let right): operation("min_of", left, right, isWrapped, &json)
        case .greatest(let left, let right): operation("max_of", left, right, isWrapped, &json)
        }
    }

    private static func literal(_ seconds: Double, _ isDuration: Bool, _ json: inout JSONWriter) {
        json.beginObject()
        json.member("duration", isDuration)
        json.key("type")
        json.string("numberLiteral")
        json.member("val", FloatText.fixed(seconds))
        json.endObject()
    }

    private static func operation(
        _ name: String, _ left: DurationExpression?, _ right: DurationExpression?, _ isWrapped: Bool,
        _ json: inout JSONWriter
    ) {
        json.beginObject()
        json.key("lhs")
        if let left { write(left, isWrapped: false, &json) } else { json.null() }
        json.member("op", name)
        json.key("rhs")
        if let right { write(right, isWrapped: false, &json) } else { json.null() }
        json.key("type")
        json.string("durationExpr")
        json.member("wrapped", isWrapped)
        json.endObject()
    }

    // MARK: Pieces

    private static func part(_ key: String, _ expression: Expression, _ json: inout JSONWriter) {
        json.key(key)
        write(expression, to: &json)
    }

    private static func end(_ type: String, _ json: inout JSONWriter) {
        json.member("type", type)
        json.endObject()
    }

    private static func literal(_ type: String, _ value: String, _ json: inout JSONWriter) {
        json.beginObject()
        json.member("type", type)
        json.member("val", value)
        json.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ key: String, _ text: String) {
        self.key(key)
        string(text)
    }

    fileprivate mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        bool(value)
    }

    fileprivate mutating func member(_ key: String, _ texts: [String]) {
        self.key(key)
        beginArray()
        for text in texts { string(text) }
        endArray()
    }
}
