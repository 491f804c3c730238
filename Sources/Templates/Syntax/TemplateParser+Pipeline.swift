import MartletCore

extension TemplateParser {
    /// `$x, $y := command | command`, up to the closing braces or parenthesis, which is taken.
    mutating func pipeline(_ context: String, closedByParenthesis: Bool) throws(TemplateError) -> Pipeline {
        try enter()
        defer { leave() }
        var pipeline = Pipeline(site: site(at: peekNonSpace().position))
        try declarations(context, &pipeline)
        while true {
            let token = nextNonSpace()
            if closedByParenthesis ? token.isRightParenthesis : token.isRightDelimiter {
                try check(pipeline, context)
                sites[pipeline.site].content = .pipeline(pipeline)
                return pipeline
            }
            switch token.kind {
            case .bool, .characterConstant, .complex, .dot, .field, .identifier, .number, .nil, .rawString, .string,
                .variable, .leftParenthesis:
                backUp()
                pipeline.commands.append(try command())
            default: throw unexpected(token, in: context)
            }
        }
    }

    private mutating func declarations(_ context: String, _ pipeline: inout Pipeline) throws(TemplateError) {
        while peekNonSpace().isVariable {
            let variable = next()
            let following = peekNonSpace()
            switch following.kind {
            case .assign, .declare:
                if case .assign = following.kind { pipeline.isAssignment = true }
                _ = next()
                pipeline.declared.append(variable.string)
                declare(variable.string)
                return
            case .character where following.string == ",":
                _ = next()
                pipeline.declared.append(variable.string)
                declare(variable.string)
                guard context == "range", pipeline.declared.count < 2 else {
                    throw failure("too many declarations in \(context)")
                }
                let second = peekNonSpace()
                guard second.isVariable || second.isRightDelimiter || second.isRightParenthesis else {
                    throw failure("range can only initialize variables")
                }
            default:
                // It is an argument: back to it, over the blanks.
                repeat { backUp() } while peek().position != variable.position
                return
            }
        }
    }

    private func check(_ pipeline: Pipeline, _ context: String) throws(TemplateError) {
        guard !pipeline.commands.isEmpty else { throw failure("missing value for \(context)") }
        for (index, command) in pipeline.commands.enumerated().dropFirst() where command.arguments[0].isLiteral {
            throw failure("non executable command in pipeline stage \(index + 1)")
        }
    }

    /// Operands up to a pipe, which is taken, or to what closes the pipeline.
    private mutating func command() throws(TemplateError) -> Command {
        var command = Command(site: site(at: peekNonSpace().position))
        while true {
            _ = peekNonSpace()
            if let operand = try operand() { command.arguments.append(operand) }
            let token = next()
            switch token.kind {
            case .space: continue
            case .rightDelimiter, .rightParenthesis: backUp()
            case .pipe: break
            default: throw unexpected(token, in: "operand")
            }
            guard !command.arguments.isEmpty else { throw failure("empty command") }
            sites[command.site].content = .command(command)
            return command
        }
    }

    /// A term and the fields after it.
    private mutating func operand() throws(TemplateError) -> Operand? {
        guard let term = try term() else { return nil }
        guard peek().isField else { return term }
        let position = peek().position
        var names: [String] = []
        while peek().isField { names.append(String(next().string.dropFirst())) }
        switch term.kind {
        case .field(let first): return operand(.field(first + names), at: position)
        case .variable(let first): return operand(.variable(first + names), at: position)
        case .bool, .string, .number, .nil, .dot:
            throw failure("unexpected . after term \(GoQuote.quote(term.description))")
        default: return operand(.chain(term, names), at: position)
        }
    }

    private mutating func term() throws(TemplateError) -> Operand? {
        let token = nextNonSpace()
        let kind: Operand.Kind
        switch token.kind {
        case .identifier:
            guard functions[token.string] != nil else {
                throw failure("function \(GoQuote.quote(token.string)) not defined")
            }
            kind = .identifier(token.string)
        case .dot: kind = .dot
        case .nil: kind = .nil
        case .variable:
            guard isDeclared(token.string) else {
                throw failure("undefined variable \(GoQuote.quote(token.string))")
            }
            kind = .variable([token.string])
        case .field: kind = .field([String(token.string.dropFirst())])
        case .bool: kind = .bool(token.string == "true")
        case .characterConstant, .number: kind = .number(try number(token))
        case .complex: throw failure("complex numbers are not supported: \(token.string)")
        case .leftParenthesis: kind = .pipeline(try pipeline("parenthesized pipeline", closedByParenthesis: true))
        case .string, .rawString: kind = .string(quoted: token.string, try unquoted(token))
        default:
            backUp()
            return nil
        }
        return operand(kind, at: token.position)
    }

    private func number(_ token: Token) throws(TemplateError) -> NumberLiteral {
        do throws(TemplateError) {
            if case .characterConstant = token.kind { return try NumberLiteral(character: token.text) }
            return try NumberLiteral(token.string)
        } catch {
            throw failure(error.description)
        }
    }
}
