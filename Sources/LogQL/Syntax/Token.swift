/// A piece of LogQL text with its place.
struct Token: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case identifier(String)
        /// A name that an argument list or a grouping makes a function: its yacc token.
        case function(String, token: String)
        case string(String)
        case number(Double)
        /// Nanoseconds.
        case duration(Int64)
        case bytes(Double)
        /// `[5m]`: nanoseconds.
        case range(Int64)
        /// `--strict`.
        case flag(String)
        /// An operator or a bracket.
        case symbol(String)
        case end
    }

    let kind: Kind
    /// The text as written.
    let text: String
    /// From 1. Loki's scanner forgets it over tokens that it puts together itself, such as `[5m]` and `|=`: 0.
    let line: Int
    /// From 1, in characters.
    let column: Int

    /// The token as syntax errors name it.
    var name: String {
        switch kind {
        case .function(_, let token): token
        case .identifier: Self.reserved.contains(text.lowercased()) ? text.lowercased() : "IDENTIFIER"
        case .string: "STRING"
        case .number: "NUMBER"
        case .duration: "DURATION"
        case .bytes: "BYTES"
        case .range: "RANGE"
        case .flag: "PARSER_FLAG"
        case .symbol(let symbol): symbol
        case .end: "$end"
        }
    }

    /// Words that the grammar knows and errors show as they are.
    private static let reserved: Set<String> = [
        "ip", "label_replace", "by", "without", "json", "logfmt", "regexp", "pattern", "unpack", "unwrap",
        "line_format", "label_format",
        "drop",
        "keep", "decolorize", "bool", "on", "ignoring", "group_left", "group_right", "offset", "and", "or", "unless",
    ]

    /// Names that are functions before `(`, `by (` or `without (`, with what yacc calls them.
    static let functions: [String: String] = {
        let operations =
            RangeAggregation.Operation.allCases.map(\.rawValue) + VectorAggregation.Operation.allCases.map(\.rawValue)
            + ["vector"]
        var names = Dictionary(uniqueKeysWithValues: operations.map { ($0, $0.uppercased()) })
        for conversion in ["bytes", "duration", "duration_seconds"] {
            names[conversion] = conversion.uppercased() + "_CONV"
        }
        return names
    }()
}
