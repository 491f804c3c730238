/// What a template says about itself, for those who execute it over many values.
extension Template {
    /// A piece of a template that calls nothing.
    package enum Piece: Sendable {
        case text([UInt8])
        /// A field of the data.
        case field(String)
    }

    /// The template's pieces when it is nothing but text and fields of the data, such as `{{.method}} {{.path}}`.
    package var pieces: [Piece]? {
        var pieces: [Piece] = []
        for node in definitions[name] ?? [] {
            switch node {
            case .text(let bytes): pieces.append(.text(Array(bytes)))
            case .action(let pipeline, _):
                guard pipeline.declared.isEmpty, pipeline.commands.count == 1,
                    pipeline.commands[0].arguments.count == 1,
                    case .field(let names) = pipeline.commands[0].arguments[0].kind, names.count == 1
                else { return nil }
                pieces.append(.field(names[0]))
            default: return nil
            }
        }
        return pieces
    }

    /// The fields of the data that the template may look at; nil when that may be all of them.
    package var fieldNames: Set<String>? {
        var names: Set<String> = []
        for nodes in definitions.values where !Self.collect(nodes, into: &names) { return nil }
        return names
    }

    // Whether all that is looked at is known. A field of something else than the data does no harm.

    private static func collect(_ nodes: [TemplateNode], into names: inout Set<String>) -> Bool {
        nodes.allSatisfy { node in
            switch node {
            case .text, .breakLoop, .continueLoop: true
            case .action(let pipeline, _): collect(pipeline, into: &names)
            case .branch(let branch):
                collect(branch.pipeline, into: &names) && collect(branch.body, into: &names)
                    && collect(branch.otherwise ?? [], into: &names)
            case .call(_, let pipeline, _): pipeline.map { collect($0, into: &names) } ?? true
            }
        }
    }

    private static func collect(_ pipeline: Pipeline, into names: inout Set<String>) -> Bool {
        pipeline.commands.allSatisfy { $0.arguments.allSatisfy { collect($0, into: &names) } }
    }

    private static func collect(_ operand: Operand, into names: inout Set<String>) -> Bool {
        switch operand.kind {
        case .bool, .nil, .number, .string, .identifier: return true
        // The data itself, or what a loop or `with` makes of it.
        case .dot: return false
        case .field(let fields):
            names.insert(fields[0])
            return true
        case .variable(let fields):
            guard fields[0] == "$" else { return true }
            guard fields.count > 1 else { return false }
            names.insert(fields[1])
            return true
        case .chain(let inner, _): return collect(inner, into: &names)
        case .pipeline(let pipeline): return collect(pipeline, into: &names)
        }
    }
}
