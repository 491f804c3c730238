package import MartletCore

/// Parses PromQL: Prometheus 3's grammar, by recursive descent with operator precedence.
///
/// The extensions beside this file hold one part of the grammar each.
package struct Parser {
    /// What beyond the stable language is accepted.
    package struct Options: Sendable {
        /// Functions and aggregations that Prometheus hides behind `promql-experimental-functions`.
        package var experimentalFunctions: Bool
        /// `fill`, `fill_left` and `fill_right` (`promql-binop-fill-modifiers`).
        package var fillModifiers: Bool
        /// `anchored` and `smoothed` (`promql-extended-range-selectors`).
        package var extendedRangeSelectors: Bool

        package init(
            experimentalFunctions: Bool = false, fillModifiers: Bool = false, extendedRangeSelectors: Bool = false
        ) {
            self.experimentalFunctions = experimentalFunctions
            self.fillModifiers = fillModifiers
            self.extendedRangeSelectors = extendedRangeSelectors
        }
    }

    /// Parentheses, calls and signs inside each other; chains of operators may be longer.
    private static let maxNesting = 200
    /// Operators and brackets in a query altogether. With the nesting it bounds the depth of the tree, which is walked
    /// by recursion.
    private static let maxOperators = 1000
    /// Matchers, arguments and labels in a query altogether, which bounds its memory.
    private static let maxElements = 20_000

    let query: [UInt8]
    let options: Options
    private var lexer: Lexer
    private(set) var current: Token
    private(set) var following: Token
    /// Where the token before the current one ends.
    private(set) var lastEnd = 0
    private var nesting = 0
    private var operators = 0
    private var elements = 0
    /// Where in the query's structure the parser is, as error texts name it, and what is expected there; innermost last.
    private var contexts: [(name: String, expected: String)] = []

    /// Parses a whole query and checks its types.
    package static func parse(_ query: String, options: Options = Options()) throws(ParseError) -> Expression {
        var parser = Parser(query, options)
        if parser.current.kind == .end {
            throw ParseError("no expression found in input", at: 0..<0, in: parser.query)
        }
        let expression = try parser.expression(minimum: 1)
        guard parser.current.kind == .end else { throw parser.unexpected() }
        return try TypeChecker(query: parser.query).checked(expression)
    }

    /// Parses a selector such as `match[]` takes: matchers only, no modifiers.
    package static func parseSelector(_ text: String) throws(ParseError) -> [Matcher] {
        let (selector, query) = try parseUnchecked(text)
        _ = try TypeChecker(query: query).checked(.selector(selector))
        return selector.matchers
    }

    /// Parses a series selector as the parameters `match[]` of Prometheus' API are read: it may have more than one name, and
    /// nothing but matchers that an absent label passes, or none.
    package static func parseAnySelector(_ text: String) throws(ParseError) -> [Matcher] {
        try parseUnchecked(text).selector.matchers
    }

    private static func parseUnchecked(
        _ text: String
    ) throws(ParseError) -> (selector: Expression.Selector, query: [UInt8]) {
        var parser = Parser(text, Options())
        guard parser.current.isMetricName || parser.current.kind == .leftBrace else { throw parser.unexpected() }
        let selector = try parser.selector()
        guard parser.current.kind == .end else { throw parser.unexpected() }
        return (selector, parser.query)
    }

    private init(_ query: String, _ options: Options) {
        self.query = Array(query.utf8)
        self.options = options
        lexer = Lexer(self.query)
        current = lexer.next()
        following = current.kind == .unreadable ? current : lexer.next()
    }

    // MARK: Tokens

    @discardableResult
    mutating func advance() -> Token {
        let token = current
        lastEnd = token.range.upperBound
        current = following
        if current.kind != .end, current.kind != .unreadable { following = lexer.next() }
        return token
    }

    mutating func take(_ kind: Token.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    mutating func expect(_ kind: Token.Kind, _ context: String = "", _ expected: String = "") throws(ParseError) {
        guard take(kind) else { throw unexpected(context, expected) }
    }

    func isKeyword(_ keyword: Keyword) -> Bool { current.kind == .keyword(keyword) }

    // MARK: Errors

    /// The error that the current token is; without a context the innermost one counts.
    func unexpected(_ context: String = "", _ expected: String = "") -> ParseError {
        if current.kind == .unreadable { return fail(current.text, current.range) }
        let place = context.isEmpty ? contexts.last ?? ("", "") : (context, expected)
        var message = "unexpected \(current.described)"
        if !place.0.isEmpty { message += " in \(place.0)" }
        if !place.1.isEmpty { message += ", expected \(place.1)" }
        return fail(message, current.range)
    }

    func fail(_ message: String, _ range: Range<Int>) -> ParseError {
        ParseError(message, at: range, in: query)
    }

    mutating func enter(_ context: String, expecting expected: String = "") { contexts.append((context, expected)) }

    mutating func leave() { contexts.removeLast() }

    // MARK: Limits

    mutating func nest() throws(ParseError) {
        nesting += 1
        guard nesting <= Parser.maxNesting else {
            throw fail("expression nests deeper than \(Parser.maxNesting) levels", current.range)
        }
    }

    mutating func unnest() { nesting -= 1 }

    mutating func countOperator() throws(ParseError) {
        operators += 1
        guard operators <= Parser.maxOperators else {
            throw fail("expression has more than \(Parser.maxOperators) operators", current.range)
        }
    }

    mutating func countElement() throws(ParseError) {
        elements += 1
        guard elements <= Parser.maxElements else {
            throw fail("expression has more than \(Parser.maxElements) matchers, labels and arguments", current.range)
        }
    }
}
