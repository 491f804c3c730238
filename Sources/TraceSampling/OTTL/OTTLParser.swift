import MartletCore
import Wire

/// Reads conditions: `or` binds less than `and`, that less than comparisons, these less than `not` is in Go's sense: it takes
/// the one comparison or bracket behind it.
struct OTTLParser {
    /// What a piece of the text turned out to be.
    private enum Piece {
        case value(OTTLOperand, mayBeTruth: Bool)
        case truth(OTTLExpression)
    }

    /// Brackets in brackets, calculations with the results of others, and keys of what keys give.
    private static let deepest = 64

    private let text: [UInt8]
    private let tokens: [OTTLToken]
    private let context: OTTLContext
    private var position = 0
    private var depth = 0

    init(_ text: String, _ context: OTTLContext) throws(OTTLError) {
        self.text = Array(text.utf8)
        self.context = context
        tokens = try OTTLLexer.tokens(self.text)
    }

    /// The whole text as one condition.
    mutating func condition() throws(OTTLError) -> OTTLExpression {
        let start = token
        let piece = try disjunction()
        guard token.kind == .end else { throw error("\(token.description) does not belong here", at: token) }
        return try truth(piece, at: start)
    }

    // MARK: Tokens

    private var token: OTTLToken { tokens[position] }

    private func error(_ message: String, at token: OTTLToken) -> OTTLError {
        OTTLError(message, at: token.offset, in: text)
    }

    private mutating func take(_ symbol: String) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private mutating func takeWord(_ word: String) -> Bool {
        guard token.kind == .word(word) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ symbol: String) throws(OTTLError) {
        guard take(symbol) else { throw error("\"\(symbol)\" is missing before \(token.description)", at: token) }
    }

    // MARK: Conditions

    private func truth(_ piece: Piece, at start: OTTLToken) throws(OTTLError) -> OTTLExpression {
        switch piece {
        case .truth(let expression): return expression
        case .value(let operand, mayBeTruth: true): return .truth(operand)
        case .value:
            throw error(
                "a value is no condition: compare it with something (==, !=, <, <=, >, >=)", at: start)
        }
    }

    private func operand(_ piece: Piece, at start: OTTLToken) throws(OTTLError) -> OTTLOperand {
        guard case .value(let operand, _) = piece else {
            throw error("a condition has no value that could be compared or calculated with", at: start)
        }
        return operand
    }

    private mutating func disjunction() throws(OTTLError) -> Piece {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw error("nested more than \(Self.deepest) deep", at: token) }
        let start = token
        let first = try conjunction()
        guard token.kind == .word("or") else { return first }
        var expressions = [try truth(first, at: start)]
        while takeWord("or") {
            let next = token
            expressions.append(try truth(try conjunction(), at: next))
        }
        return .truth(.any(expressions))
    }

    private mutating func conjunction() throws(OTTLError) -> Piece {
        let start = token
        let first = try negation()
        guard token.kind == .word("and") else { return first }
        var expressions = [try truth(first, at: start)]
        while takeWord("and") {
            let next = token
            expressions.append(try truth(try negation(), at: next))
        }
        return .truth(.all(expressions))
    }

    private mutating func negation() throws(OTTLError) -> Piece {
        guard takeWord("not") else { return try comparison() }
        let start = token
        if token.kind == .word("not") { throw error("\"not not\" is written without either", at: token) }
        return .truth(.not(try truth(try comparison(), at: start)))
    }

    private mutating func comparison() throws(OTTLError) -> Piece {
        let start = token
        let left = try sum()
        guard case .symbol(let symbol) = token.kind else { return left }
        if symbol == "=" { throw error("\"=\" compares nothing: write \"==\"", at: token) }
        guard let comparison = OTTLComparison(rawValue: symbol) else { return left }
        position += 1
        let next = token
        let right = try operand(try sum(), at: next)
        return .truth(.comparison(comparison, try operand(left, at: start), right))
    }

    // MARK: Calculations

    private mutating func sum() throws(OTTLError) -> Piece {
        try chain(["+": .add, "-": .subtract]) { (parser) throws(OTTLError) in
            try parser.chain(["*": .multiply, "/": .divide]) { (parser) throws(OTTLError) in try parser.signed() }
        }
    }

    private mutating func chain(
        _ operations: [String: OTTLArithmetic], _ next: (inout Self) throws(OTTLError) -> Piece
    ) throws(OTTLError) -> Piece {
        let start = token
        var piece = try next(&self)
        var count = 0
        while case .symbol(let symbol) = token.kind, let operation = operations[symbol] {
            count += 1
            guard count <= Self.deepest else {
                throw error("more than \(Self.deepest) calculations in a row", at: token)
            }
            position += 1
            let place = token
            let left = try operand(piece, at: start)
            let right = try operand(try next(&self), at: place)
            piece = .value(.arithmetic(operation, left, right), mayBeTruth: false)
        }
        return piece
    }

    private mutating func signed() throws(OTTLError) -> Piece {
        let start = token
        if take("-") {
            let operand = try operand(try primary(), at: start)
            switch operand.constant {
            case .int(let number)?: return .value(.literal(.int(0 &- number)), mayBeTruth: false)
            case .double(let number)?: return .value(.literal(.double(-number)), mayBeTruth: false)
            default: return .value(.negated(operand), mayBeTruth: false)
            }
        }
        _ = take("+")
        return try primary()
    }

    // MARK: Values

    private mutating func primary() throws(OTTLError) -> Piece {
        let start = token
        position += start.kind == .end ? 0 : 1
        switch start.kind {
        case .text(let text): return .value(.literal(.text(text)), mayBeTruth: false)
        case .int(let number): return .value(.literal(.int(number)), mayBeTruth: false)
        case .double(let number): return .value(.literal(.double(number)), mayBeTruth: false)
        case .bytes(let bytes): return .value(.literal(.bytes(bytes)), mayBeTruth: false)
        case .symbol("("):
            let piece = try disjunction()
            try expect(")")
            return piece
        case .symbol("["): return .value(.list(try values(until: "]")), mayBeTruth: false)
        case .symbol("{"): throw error("maps are not taken here", at: start)
        case .word(let word): return try named(word, at: start)
        case .symbol, .end: throw error("a value is missing before \(start.description)", at: start)
        }
    }

    /// Values with commas between them, up to a closing bracket.
    private mutating func values(until closing: String) throws(OTTLError) -> [OTTLOperand] {
        var values: [OTTLOperand] = []
        while !take(closing) {
            if !values.isEmpty { try expect(",") }
            let start = token
            if case .word = token.kind, tokens[position + 1].kind == .symbol("=") {
                throw error("arguments are told apart by their places here, not by names", at: token)
            }
            values.append(try operand(try disjunction(), at: start))
        }
        return values
    }

    private mutating func named(_ word: String, at start: OTTLToken) throws(OTTLError) -> Piece {
        switch word {
        case "true", "false": return .value(.literal(.bool(word == "true")), mayBeTruth: true)
        case "nil": return .value(.literal(.none), mayBeTruth: false)
        case "and", "or", "not": throw error("a condition is missing before \"\(word)\"", at: start)
        default: break
        }
        if token.kind == .symbol("(") { return try call(word, at: start) }
        if word.first?.isUppercase == true {
            guard let found = OTTLPath.enumeration.first(where: { $0.name == word }) else {
                let known = OTTLPath.enumeration.map(\.name).joined(separator: ", ")
                throw error("\"\(word)\" is not known; known are \(known)", at: start)
            }
            return .value(.literal(.int(found.value)), mayBeTruth: false)
        }
        return .value(try path(word, at: start), mayBeTruth: false)
    }

    // MARK: Functions

    private mutating func call(_ name: String, at start: OTTLToken) throws(OTTLError) -> Piece {
        guard let function = OTTLFunction(rawValue: name), function != .isRootSpan || context == .span else {
            let known = OTTLFunction.allCases.filter { $0 != .isRootSpan || context == .span }
            let names = known.map(\.rawValue).joined(separator: ", ")
            throw error("the function \(name) is not known here; known are \(names)", at: start)
        }
        try expect("(")
        let places = token
        let arguments = try values(until: ")")
        guard function.arity.contains(arguments.count) else {
            let (least, most) = (function.arity.lowerBound, function.arity.upperBound)
            let wanted = least == most ? "\(least)" : "\(least) or \(most)"
            throw error("\(name) takes \(wanted) arguments, not \(arguments.count)", at: places)
        }
        let called = try called(function, arguments, at: start)
        let keys = try keys()
        return .value(
            keys.reduce(called) { .element($0, $1) }, mayBeTruth: function.mayBeTruth && keys.isEmpty)
    }

    /// What depends on nothing is done at once, so that what is wrong with it is found now.
    private func called(
        _ function: OTTLFunction, _ arguments: [OTTLOperand], at start: OTTLToken
    ) throws(OTTLError) -> OTTLOperand {
        switch function {
        case .now: return .now
        case .isRootSpan: return .call(.isRootSpan, [.field(.parentSpanID)])
        case .isMatch: return .isMatch(arguments[0], try expression(arguments[1], at: start))
        default: break
        }
        let constants = arguments.compactMap(\.constant)
        guard constants.count == arguments.count else { return .call(function, arguments) }
        do throws(OTTLFailure) { return .literal(try function.apply(constants)) } catch {
            throw self.error(error.message, at: start)
        }
    }

    private func expression(_ operand: OTTLOperand, at start: OTTLToken) throws(OTTLError) -> Regex {
        guard case .text(let pattern)? = operand.constant else {
            throw error("IsMatch takes its expression as a text that stands there", at: start)
        }
        do throws(RegexError) {
            return try Regex(pattern.string, anchored: false, dotMatchesNewline: false)
        } catch {
            throw self.error("IsMatch: \(error)", at: start)
        }
    }

    // MARK: Paths

    private mutating func keys() throws(OTTLError) -> [OTTLKey] {
        var keys: [OTTLKey] = []
        while take("[") {
            guard keys.count < Self.deepest else { throw error("more than \(Self.deepest) keys", at: token) }
            switch token.kind {
            case .text(let text): keys.append(.text(text))
            case .int(let place): keys.append(.place(Int(clamping: place)))
            default: throw error("a key is a text or a whole number, not \(token.description)", at: token)
            }
            position += 1
            try expect("]")
        }
        return keys
    }

    private mutating func path(_ first: String, at start: OTTLToken) throws(OTTLError) -> OTTLOperand {
        var segments = [first]
        while take(".") {
            guard case .word(let segment) = token.kind else {
                throw error("a path goes on behind its point, not with \(token.description)", at: token)
            }
            segments.append(segment)
            position += 1
        }
        let keys = try keys()
        if token.kind == .symbol(".") { throw error("nothing follows the keys of a path", at: token) }
        var owner = OTTLPath.Owner(context)
        if let named = OTTLPath.Owner(prefix: first), named != .spanEvent || context == .spanEvent {
            owner = named
            segments.removeFirst()
        }
        let name = segments.joined(separator: ".")
        guard let operand = OTTLPath.operand(name, of: owner) else { throw unknown(first, name, owner, at: start) }
        guard let keyed = Self.keyed(operand, keys) else { throw error("\(name) has no such keys", at: start) }
        return keyed
    }

    private func unknown(
        _ first: String, _ name: String, _ owner: OTTLPath.Owner, at start: OTTLToken
    ) -> OTTLError {
        let known = OTTLPath.known(of: owner).joined(separator: ", ")
        let prefixes = context == .span ? "span, resource and scope" : "spanevent, span, resource and scope"
        let what = name.isEmpty ? "\"\(first)\" is no value by itself" : "the path \"\(name)\" is not known here"
        return error("\(what); known are \(known); prefixes are \(prefixes)", at: start)
    }

    /// The operand of a path with keys; nil when it has none.
    private static func keyed(_ operand: OTTLOperand, _ keys: [OTTLKey]) -> OTTLOperand? {
        guard let first = keys.first else { return operand }
        switch (operand, first) {
        case (.field(.attributes(let owner)), .text(let key)):
            return keys.dropFirst().reduce(.field(.attribute(owner, key: key.string))) { .element($0, $1) }
        case (.field(.traceState), .text(let key)):
            return keys.count == 1 ? .traceStateEntry(key.array) : nil
        default: return nil
        }
    }
}
