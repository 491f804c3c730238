/// What a query can name: a built-in field of a span or its trace, or an attribute.
package enum Operand: Hashable, Sendable {
    /// A built-in field.
    case intrinsic(Intrinsic)
    /// An attribute by scope and key.
    case attribute(AttributeScope, String)
    /// `parent` (empty name, any scope) or an attribute of the parent span: parsed, not evaluated.
    case parent(AttributeScope, String)

    /// The rows that the operand has one value for.
    package enum Space: Hashable, Sendable {
        /// One value a span.
        case span
        /// One value for each event of a span.
        case event
        /// One value for each link of a span.
        case link
    }

    /// The rows that the operand has one value for.
    package var space: Space {
        switch self {
        case .intrinsic(.eventName), .intrinsic(.eventTimeSinceStart), .attribute(.event, _): .event
        case .intrinsic(.linkTraceID), .intrinsic(.linkSpanID), .attribute(.link, _): .link
        default: .span
        }
    }

    /// The key under which a search answer shows the value: the attribute's name without its scope.
    package var resultKey: String {
        switch self {
        case .intrinsic(let intrinsic): intrinsic.rawValue
        case .attribute(_, let name), .parent(_, let name): name
        }
    }

    /// The operand that a TraceQL identifier (`name`, `span:kind`, `.x`, `resource.service.name`) stands for.
    package static func parse(identifier: String) throws(TraceQLError) -> Operand {
        let text = Array(identifier.utf8)
        var lexer = Lexer(text)
        let token = try lexer.next()
        guard case .operand(let operand) = token.kind, try lexer.next().kind == .end else {
            throw TraceQLError(
                .syntax,
                "\"\(identifier)\" is not an attribute or intrinsic; attributes need a scope, as in \".\(identifier)\"")
        }
        return operand
    }
}

extension Operand: CustomStringConvertible {
    package var description: String {
        switch self {
        case .intrinsic(let intrinsic): return intrinsic.rawValue
        case .attribute(let scope, let name): return scope.rawValue + "." + Self.quoted(name)
        case .parent(.any, ""): return "parent"
        case .parent(let scope, let name):
            return "parent" + (scope == .any ? "" : "." + scope.rawValue) + "." + Self.quoted(name)
        }
    }

    private static func quoted(_ name: String) -> String {
        if !name.isEmpty, name.utf8.allSatisfy({ Lexer.isAttributeByte($0) && $0 != UInt8(ascii: "\"") }) {
            return name
        }
        var text = "\""
        for scalar in name.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }
}
