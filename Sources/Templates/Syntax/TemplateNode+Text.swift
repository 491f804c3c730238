import MartletCore

extension Site: CustomStringConvertible {
    /// The node's canonical text, which messages quote.
    var description: String {
        switch content {
        case .none: return ""
        case .pipeline(let pipeline): return pipeline.description
        case .action(let pipeline): return "{{\(pipeline)}}"
        case .command(let command): return command.description
        case .operand(let operand): return operand.description
        case .call(let name, let pipeline):
            return "{{template \(GoQuote.quote(name))\(pipeline.map { " \($0)" } ?? "")}}"
        }
    }
}

extension Pipeline: CustomStringConvertible {
    var description: String {
        let head = declared.isEmpty ? "" : declared.joined(separator: ", ") + " := "
        return head + commands.map(\.description).joined(separator: " | ")
    }
}

extension Command: CustomStringConvertible {
    var description: String { arguments.map(\.asArgument).joined(separator: " ") }
}

extension Operand: CustomStringConvertible {
    var description: String {
        switch kind {
        case .bool(let value): value ? "true" : "false"
        case .dot: "."
        case .nil: "nil"
        case .number(let number): number.text
        case .string(let quoted, _): quoted
        case .field(let names): names.map { "." + $0 }.joined()
        case .variable(let names): names.joined(separator: ".")
        case .identifier(let name): name
        case .chain(let inner, let names): inner.asArgument + names.map { "." + $0 }.joined()
        case .pipeline(let pipeline): pipeline.description
        }
    }

    /// With the parentheses that a pipeline among others needs.
    fileprivate var asArgument: String {
        if case .pipeline(let pipeline) = kind { return "(\(pipeline))" }
        return description
    }
}
