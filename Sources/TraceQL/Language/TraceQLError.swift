/// Why a TraceQL query is refused or cannot be evaluated; `description` is the text a client reads.
package struct TraceQLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The class of the failure.
    package enum Code: Hashable, Sendable {
        /// The text does not follow the grammar.
        case syntax
        /// The text parses, but operands and operators do not fit together.
        case type
        /// The text is valid TraceQL that this engine does not evaluate.
        case unsupported
        /// A limit of the engine was reached while evaluating.
        case limit
    }

    /// The class of the failure.
    package let code: Code
    /// What is wrong, lower-case, naming the offending text.
    package let message: String
    /// Byte offset in the query text, when the failure has a place.
    package let offset: Int?
    /// One-based line of `offset`.
    package let line: Int
    /// One-based column of `offset`, in bytes.
    package let column: Int

    /// A failure without a place in the text.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
        offset = nil
        line = 0
        column = 0
    }

    /// A failure at byte `offset` of `text`.
    package init(_ code: Code, _ message: String, at offset: Int, in text: [UInt8]) {
        self.code = code
        self.message = message
        self.offset = offset
        var line = 1
        var column = 1
        for byte in text.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        self.line = line
        self.column = column
    }

    package var description: String {
        let kind =
            switch code {
            case .syntax: "parse error"
            case .type: "invalid query"
            case .unsupported: "not supported"
            case .limit: "limit reached"
            }
        return offset == nil ? "\(kind): \(message)" : "\(kind) at line \(line), col \(column): \(message)"
    }
}
