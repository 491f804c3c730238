/// A piece of LogQL text with its place.
struct Token: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case identifier(String)
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
    /// From 1.
    let line: Int
    /// From 1, in characters.
    let column: Int

    /// The token as syntax errors name it.
    var name: String {
        switch kind {
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
        "by", "without", "json", "logfmt", "regexp", "pattern", "unpack", "unwrap", "line_format", "label_format",
        "drop",
        "keep", "decolorize", "bool", "on", "ignoring", "group_left", "group_right", "offset", "and", "or", "unless",
    ]
}
