package import MartletCore

/// A label set as Prometheus' and Loki's text, `{a="b", c="d"}`, with Go's string literals for values.
package enum LabelText {
    /// Parses a whole label set. Values may be in double quotes, single quotes or backquotes; names may be quoted; a comma may
    /// follow the last pair. An empty value drops its label; a name that comes twice is an error.
    package static func parse(_ text: UnsafeRawBufferPointer) throws(WireError) -> Labels {
        var parser = Parser(text: text)
        return try parser.labels()
    }

    /// Parses a whole label set.
    package static func parse(_ text: String) throws(WireError) -> Labels {
        try ByteString(text).withBytes { (bytes) throws(WireError) in try parse(bytes) }
    }

    /// Appends `labels` as text; names that the legacy rules do not allow are quoted.
    package static func append(_ labels: Labels, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "{"))
        var first = true
        labels.forEach { name, value in
            if !first { out.append(contentsOf: ", ".utf8) }
            first = false
            if LabelName.isLegacyLabelName(name) {
                out.append(contentsOf: name)
            } else {
                GoQuote.append(name, to: &out)
            }
            out.append(UInt8(ascii: "="))
            GoQuote.append(value, to: &out)
        }
        out.append(UInt8(ascii: "}"))
    }

    private struct Pair {
        var name: [UInt8]
        var value: [UInt8]
        var offset: Int
    }

    private struct Parser {
        let text: UnsafeRawBufferPointer
        var position = 0

        mutating func labels() throws(WireError) -> Labels {
            var pairs: [Pair] = []
            skipBlanks()
            try expect(UInt8(ascii: "{"))
            skipBlanks()
            while peek() != UInt8(ascii: "}") {
                let start = position
                let name = try name()
                skipBlanks()
                try expect(UInt8(ascii: "="))
                skipBlanks()
                pairs.append(Pair(name: name, value: try quoted(), offset: start))
                skipBlanks()
                if peek() == UInt8(ascii: ",") {
                    position += 1
                    skipBlanks()
                } else if peek() != UInt8(ascii: "}") {
                    throw unexpected("',' or '}'")
                }
            }
            position += 1
            skipBlanks()
            guard position == text.count else { throw unexpected("the end") }
            return try canonical(&pairs)
        }

        /// Sorted once, so that a set of a million names costs no more than its size.
        private func canonical(_ pairs: inout [Pair]) throws(WireError) -> Labels {
            pairs.sort { $0.name == $1.name ? $0.offset < $1.offset : $0.name.lexicographicallyPrecedes($1.name) }
            var writer = ByteWriter()
            for (index, pair) in pairs.enumerated() {
                if index > 0, pairs[index - 1].name == pair.name {
                    throw .malformed(
                        offset: pair.offset,
                        what: "duplicate label name \(String(decoding: pair.name, as: UTF8.self))")
                }
                if pair.value.isEmpty { continue }
                pair.name.withUnsafeBytes { writer.uvarintBytes($0) }
                pair.value.withUnsafeBytes { writer.uvarintBytes($0) }
            }
            return Labels(canonicalBytes: writer.bytes)
        }

        func peek() -> UInt8? { position < text.count ? text[position] : nil }

        mutating func skipBlanks() {
            while let byte = peek(), byte == 0x20 || (0x09...0x0d).contains(byte) { position += 1 }
        }

        mutating func expect(_ byte: UInt8) throws(WireError) {
            guard peek() == byte else { throw unexpected("'\(Character(Unicode.Scalar(byte)))'") }
            position += 1
        }

        func unexpected(_ wanted: String) -> WireError {
            guard let byte = peek() else {
                return .malformed(offset: position, what: "unexpected end of labels, expected \(wanted)")
            }
            let found = Unicode.Scalar(byte).escaped(asASCII: true)
            return .malformed(offset: position, what: "unexpected '\(found)' in labels, expected \(wanted)")
        }

        mutating func name() throws(WireError) -> [UInt8] {
            if let byte = peek(), byte == UInt8(ascii: "\"") { return try quoted() }
            let start = position
            while let byte = peek(),
                LabelName.isLegacyLabelName(CollectionOfOne(byte)) || isDigit(byte) && position > start
            {
                position += 1
            }
            guard position > start else { throw unexpected("a label name") }
            return [UInt8](text[start..<position])
        }

        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

        /// A Go string literal.
        mutating func quoted() throws(WireError) -> [UInt8] {
            guard let quote = peek(),
                quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") || quote == UInt8(ascii: "`")
            else { throw unexpected("a quoted string") }
            let start = position
            position += 1
            var out: [UInt8] = []
            while let byte = peek() {
                position += 1
                if byte == quote {
                    guard out.withUnsafeBytes({ Bytes.isValidUTF8($0) }) else {
                        throw .malformed(offset: start, what: "invalid UTF-8 in labels")
                    }
                    return out
                }
                if quote == UInt8(ascii: "`") {
                    out.append(byte)
                } else if byte == UInt8(ascii: "\\") {
                    try escape(quote, into: &out)
                } else if byte == 0x0a {
                    break
                } else {
                    out.append(byte)
                }
            }
            throw .malformed(offset: start, what: "unterminated quoted string in labels")
        }

        mutating func escape(_ quote: UInt8, into out: inout [UInt8]) throws(WireError) {
            let start = position - 1
            do throws(GoEscape.Problem) {
                try GoEscape.read(text, at: &position, quote: quote, into: &out)
            } catch {
                throw .malformed(offset: start, what: "invalid escape in labels")
            }
        }
    }
}
