extension Expression {
    /// The expression over as many lines as it takes to be read, as Prometheus' `format_query` lays it out: what fits
    /// into `width` bytes stays on one line; of anything else each part has lines of its own, two blanks further in.
    package func pretty(width: Int = 100) -> String {
        var printer = PrettyPrinter()
        printer.write(Layout(self, width: width), 0)
        return printer.text
    }
}

/// How an expression is broken into lines. It nests as deep as the expression does, which the parser bounds.
private indirect enum Layout {
    /// One line.
    case line(String)
    /// A subquery that fits on one line, which Prometheus does not indent.
    case subqueryLine(String)
    /// A sign and, in the same line, what it stands before.
    case signed(String, Layout)
    /// Parts between a head and a closing parenthesis.
    case group(String, [Layout])
    /// An operator on a line of its own, between operands that are a level further in.
    case operation(Layout, String, Layout)
    /// A subquery's expression with the brackets behind it.
    case subquery(Layout, String)

    init(_ expression: Expression, width: Int) {
        let parts = expression.children.map { Layout($0, width: width) }
        if case .unary(let isMinus, _, _) = expression {
            self = .signed(isMinus ? "-" : "+", parts[0])
            return
        }
        // What has a part over several lines does not fit either. Its text is not made: those of all levels of a deep
        // expression together would be as long as the square of it.
        if parts.allSatisfy(\.isLine) {
            let text = expression.description
            if text.utf8.count <= width {
                if case .subquery = expression { self = .subqueryLine(text) } else { self = .line(text) }
                return
            }
        }
        switch expression {
        case .parenthesised: self = .group("(", parts)
        case .call(let node): self = .group(node.function.name + "(", parts)
        case .aggregate(let node): self = .group(node.head + "(", parts)
        case .binary(let node): self = .operation(parts[0], node.operatorText, parts[1])
        case .subquery(let node): self = .subquery(parts[0], node.brackets)
        // Nothing in these could stand apart.
        case .number, .string, .selector, .matrix, .unary: self = .line(expression.description)
        }
    }

    private var isLine: Bool {
        switch self {
        case .line, .subqueryLine: true
        case .signed(_, let operand): operand.isLine
        case .group, .operation, .subquery: false
        }
    }
}

/// Writes a layout, with the level of everything in it.
private struct PrettyPrinter {
    private(set) var text = ""
    /// True behind a sign, where the operand goes on in the same line.
    private var isBehindSign = false

    mutating func write(_ layout: Layout, _ level: Int) {
        switch layout {
        case .line(let line):
            indent(level)
            text += line
        case .subqueryLine(let line):
            isBehindSign = false
            text += line
        case .signed(let sign, let operand):
            indent(level)
            text += sign
            isBehindSign = true
            write(operand, level)
        case .group(let head, let parts):
            indent(level)
            text += head + "\n"
            for (position, part) in parts.enumerated() {
                if position > 0 { text += ",\n" }
                write(part, level + 1)
            }
            text += "\n"
            indent(level)
            text += ")"
        case .operation(let left, let text, let right):
            write(left, level + 1)
            self.text += "\n"
            indent(level)
            self.text += text + "\n"
            write(right, level + 1)
        case .subquery(let expression, let brackets):
            write(expression, level)
            text += brackets
        }
    }

    private mutating func indent(_ level: Int) {
        if !isBehindSign { text += String(repeating: "  ", count: level) }
        isBehindSign = false
    }
}
