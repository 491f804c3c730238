package import MartletCore

extension ExpositionParser {
    /// The label set of the series last found, metric name included.
    package mutating func labels() throws(WireError) -> Labels {
        var lexer = SeriesLexer(bytes, series.bounds, format, numberLabel: type.numberLabel)
        let labels = try lexer.labels(&assembly)
        emptyLabelNames = lexer.emptyNames
        return labels
    }

    /// The label set of an exemplar.
    package mutating func labels(of exemplar: Exemplar) throws(WireError) -> Labels {
        var lexer = SeriesLexer(bytes, exemplar.labels.bounds, format)
        return try lexer.labels(&assembly)
    }

    /// Name of the family of the TYPE, HELP or UNIT line last found.
    package var familyName: String {
        let raw = family.bytes(in: bytes)
        return familyIsQuoted ? String(decoding: SeriesLexer.unescape(raw), as: UTF8.self) : family.text(in: bytes)
    }

    /// The HELP or UNIT text last found, without escapes.
    package var unescapedText: String {
        let raw = text.bytes(in: bytes)
        guard Bytes.firstIndex(of: UInt8(ascii: "\\"), in: raw) != nil else { return text.text(in: bytes) }
        // The text format escapes backslash and newline only, OpenMetrics the quote too.
        return String(decoding: SeriesLexer.unescape(raw, quotes: format == .openMetrics), as: UTF8.self)
    }
}
