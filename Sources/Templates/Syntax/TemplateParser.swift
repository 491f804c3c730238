import MartletCore

/// Builds the trees of a template and of those that are defined in it.
struct TemplateParser {
    let name: String
    let functions: TemplateFunctions
    private(set) var definitions: [String: [TemplateNode]] = [:]
    var sites: [Site] = []
    private let tokens: [Token]
    private let nestingLimit: Int
    /// The next token.
    private var index = 0
    /// The furthest token that was looked at; messages name its line.
    private var furthest = 0
    private var variables = ["$"]
    private var ranges = 0
    private var depth = 0
    /// Line of the action that is being read; nil outside.
    private var actionLine: Int?

    init(name: String, text: [UInt8], functions: TemplateFunctions, nestingLimit: Int) {
        self.name = name
        self.functions = functions
        self.nestingLimit = nestingLimit
        tokens = Lexer.tokens(text)
    }

    /// Parses the whole text.
    mutating func parse() throws(TemplateError) {
        var root: [TemplateNode] = []
        while !peek().isEnd {
            if peek().isLeftDelimiter {
                let before = index
                index += 1
                if nextNonSpace().isKeyword(.define) {
                    try definition()
                    continue
                }
                index = before
            }
            switch try textOrAction() {
            case .node(let node): root.append(node)
            case .end: throw failure("unexpected {{end}}")
            case .otherwise: throw failure("unexpected {{else}}")
            case .nothing: break
            }
        }
        try define(name, root)
    }

    // MARK: Tokens

    mutating func peek() -> Token {
        furthest = max(furthest, index)
        return tokens[min(index, tokens.count - 1)]
    }

    mutating func next() -> Token {
        let token = peek()
        index += 1
        return token
    }

    mutating func nextNonSpace() -> Token {
        var token = next()
        while token.isSpace { token = next() }
        return token
    }

    mutating func peekNonSpace() -> Token {
        while peek().isSpace { index += 1 }
        return peek()
    }

    /// Puts the last token back.
    mutating func backUp() { index -= 1 }

    func failure(_ message: String) -> TemplateError {
        let token = tokens[min(furthest, tokens.count - 1)]
        return TemplateError("template: \(name):\(token.line): \(message)")
    }

    func unexpected(_ token: Token, in context: String) -> TemplateError {
        guard token.isError else { return failure("unexpected \(token.described) in \(context)") }
        var place = ""
        if let actionLine, actionLine != token.line {
            place = " in action started at \(name):\(actionLine)"
            // Not "action in action".
            if token.string.hasSuffix(" action") { place = String(place.dropFirst(" in action".count)) }
        }
        return failure(token.string + place)
    }

    /// Runs into deeper nesting; to be left with `leave`.
    mutating func enter() throws(TemplateError) {
        depth += 1
        guard depth <= nestingLimit else { throw failure("nested deeper than \(nestingLimit) levels") }
    }

    mutating func leave() { depth -= 1 }

    // MARK: Sites

    /// A site whose content is set when it is known.
    mutating func site(at position: Int) -> Int {
        sites.append(Site(position: position, content: .none))
        return sites.count - 1
    }

    mutating func operand(_ kind: Operand.Kind, at position: Int) -> Operand {
        let operand = Operand(site: site(at: position), kind: kind)
        sites[operand.site].content = .operand(operand)
        return operand
    }

    // MARK: Variables

    mutating func declare(_ name: String) { variables.append(name) }

    func isDeclared(_ name: String) -> Bool { variables.contains(name) }

    // MARK: Lists and actions

    /// What stands next.
    private enum Piece {
        case node(TemplateNode)
        case end
        case otherwise
        case nothing
    }

    private mutating func textOrAction() throws(TemplateError) -> Piece {
        let token = nextNonSpace()
        switch token.kind {
        case .text: return .node(.text(token.text))
        case .leftDelimiter:
            actionLine = token.line
            defer { actionLine = nil }
            return try action()
        default: throw unexpected(token, in: "input")
        }
    }

    /// Everything up to `{{end}}` or `{{else}}`; whether it was the latter.
    private mutating func list() throws(TemplateError) -> (nodes: [TemplateNode], endsWithElse: Bool) {
        var nodes: [TemplateNode] = []
        while !peekNonSpace().isEnd {
            switch try textOrAction() {
            case .node(let node): nodes.append(node)
            case .end: return (nodes, false)
            case .otherwise: return (nodes, true)
            case .nothing: break
            }
        }
        throw failure("unexpected EOF")
    }

    private mutating func action() throws(TemplateError) -> Piece {
        let token = nextNonSpace()
        guard case .keyword(let keyword) = token.kind else {
            backUp()
            let site = site(at: token.position)
            let pipeline = try pipeline("command", closedByParenthesis: false)
            sites[site].content = .action(pipeline)
            return .node(.action(pipeline, site: site))
        }
        switch keyword {
        case .end:
            try expectRightDelimiter("end")
            return .end
        case .else:
            let following = peekNonSpace()
            if following.isKeyword(.if) || following.isKeyword(.with) { return .otherwise }
            try expectRightDelimiter("else")
            return .otherwise
        case .if, .with, .range: return .node(try branch(keyword))
        case .template: return .node(try call())
        case .block: return .node(try block())
        case .break, .continue: return .node(try leaveLoop(keyword))
        case .define: throw unexpected(token, in: "command")
        }
    }

    private mutating func expectRightDelimiter(_ context: String) throws(TemplateError) {
        let token = nextNonSpace()
        guard token.isRightDelimiter else { throw unexpected(token, in: context) }
    }

    private mutating func branch(_ keyword: Token.Keyword) throws(TemplateError) -> TemplateNode {
        try enter()
        let mark = variables.count
        defer {
            variables.removeLast(variables.count - mark)
            leave()
        }
        let pipeline = try pipeline(keyword.rawValue, closedByParenthesis: false)
        if keyword == .range { ranges += 1 }
        let (body, endsWithElse) = try list()
        if keyword == .range { ranges -= 1 }
        var otherwise: [TemplateNode]?
        if endsWithElse {
            // `{{else if x}}` is `{{else}}{{if x}}` with one `{{end}}` for both, and so is `{{else with x}}`.
            let following = peek()
            if keyword != .range, following.isKeyword(keyword) {
                index += 1
                otherwise = [try branch(keyword)]
            } else {
                let (nodes, endsAgain) = try list()
                guard !endsAgain else { throw failure("expected end; found {{else}}") }
                otherwise = nodes
            }
        }
        let kind: TemplateNode.Branch.Kind = keyword == .if ? .if : keyword == .with ? .with : .range
        return .branch(.init(kind: kind, pipeline: pipeline, body: body, otherwise: otherwise))
    }

    private mutating func leaveLoop(_ keyword: Token.Keyword) throws(TemplateError) -> TemplateNode {
        let token = nextNonSpace()
        guard token.isRightDelimiter else { throw unexpected(token, in: "{{\(keyword.rawValue)}}") }
        guard ranges > 0 else { throw failure("{{\(keyword.rawValue)}} outside {{range}}") }
        return keyword == .break ? .breakLoop : .continueLoop
    }

    // MARK: Templates in templates

    private mutating func definition() throws(TemplateError) {
        let context = "define clause"
        let token = nextNonSpace()
        let defined = try templateName(token, context)
        try expectRightDelimiter(context)
        try define(defined, try body(context))
    }

    private mutating func block() throws(TemplateError) -> TemplateNode {
        let context = "block clause"
        let token = nextNonSpace()
        let defined = try templateName(token, context)
        let pipeline = try pipeline(context, closedByParenthesis: false)
        try define(defined, try body(context))
        return call(defined, pipeline, at: token.position)
    }

    private mutating func call() throws(TemplateError) -> TemplateNode {
        let context = "template clause"
        let token = nextNonSpace()
        let called = try templateName(token, context)
        var argument: Pipeline?
        if !nextNonSpace().isRightDelimiter {
            backUp()
            argument = try pipeline(context, closedByParenthesis: false)
        }
        return call(called, argument, at: token.position)
    }

    private mutating func call(_ called: String, _ argument: Pipeline?, at position: Int) -> TemplateNode {
        let site = site(at: position)
        sites[site].content = .call(called, argument)
        return .call(name: called, argument, site: site)
    }

    private mutating func templateName(_ token: Token, _ context: String) throws(TemplateError) -> String {
        switch token.kind {
        case .string, .rawString: return try unquoted(token)
        default: throw unexpected(token, in: context)
        }
    }

    /// What a definition holds, in which no variable of the outside is known.
    private mutating func body(_ context: String) throws(TemplateError) -> [TemplateNode] {
        try enter()
        let (outerVariables, outerRanges) = (variables, ranges)
        variables = ["$"]
        ranges = 0
        let (nodes, endsWithElse) = try list()
        guard !endsWithElse else { throw failure("unexpected {{else}} in \(context)") }
        variables = outerVariables
        ranges = outerRanges
        leave()
        return nodes
    }

    private mutating func define(_ defined: String, _ nodes: [TemplateNode]) throws(TemplateError) {
        let isBlank = nodes.allSatisfy(\.isBlank)
        if let known = definitions[defined], !known.allSatisfy(\.isBlank) {
            if isBlank { return }
            throw failure("template: multiple definition of template \(GoQuote.quote(defined))")
        }
        definitions[defined] = nodes
    }

    func unquoted(_ token: Token) throws(TemplateError) -> String {
        let inside = token.text.dropFirst().dropLast()
        if case .rawString = token.kind { return String(decoding: inside, as: UTF8.self) }
        do throws(GoEscape.Problem) {
            return String(decoding: try GoQuote.unquote(inside: inside), as: UTF8.self)
        } catch {
            throw failure("invalid syntax")
        }
    }
}
