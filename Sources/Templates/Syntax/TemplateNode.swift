/// A piece of a parsed template.
indirect enum TemplateNode: Sendable {
    case text(ArraySlice<UInt8>)
    /// `{{pipeline}}`
    case action(Pipeline, site: Int)
    /// `{{if}}`, `{{with}}`, `{{range}}` with their `{{else}}`.
    case branch(Branch)
    /// `{{template "name" pipeline}}`
    case call(name: String, Pipeline?, site: Int)
    case breakLoop
    case continueLoop

    struct Branch: Sendable {
        enum Kind: String, Sendable {
            case `if`, with, range
        }

        let kind: Kind
        let pipeline: Pipeline
        let body: [TemplateNode]
        let otherwise: [TemplateNode]?
    }

    /// True for what gives no output but blanks; a definition of nothing else may be replaced.
    var isBlank: Bool {
        if case .text(let bytes) = self { return bytes.allSatisfy(Lexer.isSpace) }
        return false
    }
}

/// `$x := command | command`
struct Pipeline: Sendable {
    var site: Int
    var declared: [String] = []
    var isAssignment = false
    var commands: [Command] = []
}

/// A function with its arguments, or a lone value.
struct Command: Sendable {
    let site: Int
    var arguments: [Operand] = []
}

/// A value as it is written.
struct Operand: Sendable {
    indirect enum Kind: Sendable {
        case bool(Bool)
        case dot
        case `nil`
        case number(NumberLiteral)
        case string(quoted: String, String)
        /// `.a.b`
        case field([String])
        /// `$x.a.b`, the dollar sign part of the first.
        case variable([String])
        /// A function.
        case identifier(String)
        /// `(pipeline).a.b`
        case chain(Operand, [String])
        case pipeline(Pipeline)
    }

    let site: Int
    var kind: Kind

    /// True for what cannot be a later stage of a pipeline.
    var isLiteral: Bool {
        switch kind {
        case .bool, .dot, .nil, .number, .string: true
        default: false
        }
    }
}

/// What a message is about: where it stands, and what it is.
struct Site: Sendable {
    enum Content: Sendable {
        case none
        case pipeline(Pipeline)
        case action(Pipeline)
        case command(Command)
        case operand(Operand)
        case call(String, Pipeline?)
    }

    let position: Int
    var content: Content
}
