import MartletCore

/// Queries over several lines, as Loki's `format_query` lays them out: what is longer than a line is broken at its parts,
/// which stand two blanks further in.
struct PrettyPrinter {
    /// Longer expressions are broken.
    static let maxLineLength = 100

    private let maxLineLength: Int

    init(maxLineLength: Int = PrettyPrinter.maxLineLength) { self.maxLineLength = maxLineLength }

    /// The text of an expression whose lines stand `level` steps in.
    func text(_ expression: QueryExpression, level: Int = 0) -> String {
        guard isLong(expression) else { return indent(level) + expression.description }
        switch expression {
        case .log(let log): return text(log, level)
        case .number, .vector: return indent(level) + expression.description
        case .range(let range): return text(range, level)
        case .aggregation(let aggregation): return text(aggregation, level)
        case .binary(let binary):
            return side(binary.left, of: binary, level + 1) + "\n" + indent(level) + sign(of: binary) + "\n"
                + side(binary.right, of: binary, level + 1)
        case .labelReplace(let inner, let destination, let replacement, let source, let regex):
            let texts = [destination, replacement, source, regex.pattern].map { indent(level + 1) + GoQuote.quote($0) }
            return indent(level) + "label_replace(\n"
                + ([text(inner, level: level + 1)] + texts).joined(separator: ",\n") + "\n" + indent(level) + ")"
        }
    }

    /// One side of an operation. Loki leaves brackets out always; here they stay where the text would mean something else
    /// without them.
    private func side(_ expression: QueryExpression, of parent: BinaryOperation, _ level: Int) -> String {
        guard case .binary(let child) = expression, isLong(expression) else { return text(expression, level: level) }
        let (inner, outer) = (child.operation.precedence, parent.operation.precedence)
        let isRight = parent.right == expression
        guard inner < outer || inner == outer && isRight != (parent.operation == .power) else {
            return text(expression, level: level)
        }
        return indent(level) + "(\n" + text(expression, level: level + 1) + "\n" + indent(level) + ")"
    }

    private func indent(_ level: Int) -> String { String(repeating: "  ", count: level) }

    private func isLong(_ part: some CustomStringConvertible) -> Bool { part.description.utf8.count > maxLineLength }

    /// One stage a line; line filters in a row share one as long as they fit.
    private func text(_ log: LogExpression, _ level: Int) -> String {
        guard isLong(log), !log.stages.isEmpty else { return indent(level) + log.description }
        var lines = [indent(level) + log.selector]
        var filters: [LineFilter] = []
        func flush() {
            let row = filters.map(\.description).joined(separator: " ")
            if row.utf8.count > maxLineLength {
                lines += filters.flatMap(\.parts).map { indent(level + 1) + $0.description }
            } else if !filters.isEmpty {
                lines.append(indent(level + 1) + row)
            }
            filters = []
        }
        for stage in log.stages {
            if case .lineFilter(let filter) = stage {
                filters.append(filter)
                continue
            }
            flush()
            // Loki forgets to indent this one.
            lines.append((stage == .decolorize ? "" : indent(level + 1)) + stage.description)
        }
        flush()
        return lines.joined(separator: "\n")
    }

    private func text(_ range: LogRange, _ level: Int) -> String {
        var text = text(range.log, level)
        if let unwrap = range.unwrap {
            let parts = [unwrap.head] + unwrap.filters.map { "| \($0)" }
            text += parts.map { "\n" + indent(level + 1) + $0 }.joined()
        }
        text += " [\(LogRange.text(range.range))]"
        return range.offset == 0 ? text : text + " offset \(LogRange.text(range.offset))"
    }

    private func text(_ aggregation: RangeAggregation, _ level: Int) -> String {
        let phi = aggregation.parameter.map { indent(level + 1) + FloatText.general($0) + ",\n" } ?? ""
        return indent(level) + aggregation.operation.rawValue + "(\n" + phi + text(aggregation.range, level + 1) + "\n"
            + indent(level) + ")" + (aggregation.grouping?.isAll == true ? " by ()" : grouping(aggregation.grouping))
    }

    private func text(_ aggregation: VectorAggregation, _ level: Int) -> String {
        let k = aggregation.parameter.map { indent(level + 1) + "\($0),\n" } ?? ""
        return indent(level) + aggregation.operation.rawValue + grouping(aggregation.grouping) + "(\n" + k
            + text(aggregation.inner, level: level + 1) + "\n" + indent(level) + ")"
    }

    private func grouping(_ grouping: Grouping?) -> String {
        guard let grouping, !grouping.isAll else { return "" }
        return (grouping.isWithout ? " without" : " by") + " (\(grouping.names.joined(separator: ", ")))"
    }

    private func sign(of binary: BinaryOperation) -> String {
        let sign = binary.operation.rawValue + (binary.returnsBool ? " bool" : "")
        guard binary.matching.isOn || !binary.matching.names.isEmpty else { return sign }
        var group = binary.matching.groupName
        if !binary.matching.include.isEmpty { group += " (\(binary.matching.include.joined(separator: ", ")))" }
        let names = binary.matching.names.joined(separator: ", ")
        return "\(sign) \(binary.matching.isOn ? "on" : "ignoring") (\(names)) \(group)"
    }
}

extension QueryExpression {
    /// The query as Loki's `format_query` prints it.
    package var pretty: String { PrettyPrinter().text(self) }

    /// The same with lines of another length.
    package func pretty(maxLineLength: Int) -> String { PrettyPrinter(maxLineLength: maxLineLength).text(self) }
}
