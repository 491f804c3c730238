import MartletCore

/// The parser `logfmt`: `key=value key="quoted \"value\"" bare`.
enum LogfmtFields {
    /// Adds the pairs of `line`. Lenient: a bad pair is skipped; strict: it is an error, and the pairs before it stay. With
    /// `keepEmpty`, keys without a value are kept with an empty one.
    static func parse(
        _ line: UnsafeRawBufferPointer, strict: Bool, keepEmpty: Bool, _ wanted: WantedLabels,
        into labels: inout LineLabels
    ) {
        var written: [UInt8] = []
        let failure = scan(line, strict: strict) { key, value, escaped in
            guard keepEmpty || !value.isEmpty else { return }
            guard !FieldName.isPlain(key) else { return add(key, value, escaped, wanted, &labels) }
            written.removeAll(keepingCapacity: true)
            FieldName.append(key, to: &written)
            written.withUnsafeBytes { add($0, value, escaped, wanted, &labels) }
        }
        if let failure { labels.fail("LogfmtParserErr", failure) }
    }

    private static func add(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ escaped: Bool, _ wanted: WantedLabels,
        _ labels: inout LineLabels
    ) {
        guard wanted.contains(name) else { return }
        guard escaped else { return labels.addParsed(name, value) }
        JSONReader.unescape(value).withUnsafeBytes { labels.addParsed(name, $0) }
    }

    /// Adds `extractions` only, of a key that is there twice the last value: a missing key gives an empty value, except to
    /// the stream's labels and to metadata. A key goes by its own name and by the one that it has as a label.
    static func extract(
        _ extractions: [LabelExtraction], _ line: UnsafeRawBufferPointer, strict: Bool,
        into labels: inout LineLabels
    ) {
        var values = [[UInt8]?](repeating: nil, count: extractions.count)
        var written: [UInt8] = []
        let failure = scan(line, strict: strict) { key, value, escaped in
            written.removeAll(keepingCapacity: true)
            if !FieldName.isPlain(key) { FieldName.append(key, to: &written) }
            for (index, extraction) in extractions.enumerated()
            where key.elementsEqual(extraction.path.utf8) || written.elementsEqual(extraction.path.utf8) {
                values[index] = escaped ? JSONReader.unescape(value) : Array(value)
            }
        }
        for (extraction, value) in zip(extractions, values) {
            let name = Array(extraction.name.utf8)
            if let value { labels.addExtraction(name, value) } else if !labels.isStored(name) { labels.set(name, []) }
        }
        if let failure { labels.fail("LogfmtParserErr", failure) }
    }

    /// Calls `body` with key, value (inside its quotes) and whether escapes must be resolved; gives the first error's text
    /// when strict.
    private static func scan(
        _ line: UnsafeRawBufferPointer, strict: Bool,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Bool) -> Void
    ) -> String? {
        var index = 0
        let end = line.count
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        while true {
            while index < end, line[index] <= UInt8(ascii: " ") { index += 1 }
            guard index < end else { return nil }
            let keyStart = index
            while index < end, line[index] > UInt8(ascii: " "), line[index] != UInt8(ascii: "="),
                line[index] != UInt8(ascii: "\"")
            {
                index += 1
            }
            let key = UnsafeRawBufferPointer(rebasing: line[keyStart..<index])
            guard index < end, line[index] != UInt8(ascii: "\""), !key.isEmpty else {
                if index < end {
                    if strict {
                        return
                            "logfmt syntax error at pos \(index + 1) : unexpected '\(Character(Unicode.Scalar(line[index])))'"
                    }
                    while index < end, line[index] > UInt8(ascii: " ") { index += 1 }
                } else if !key.isEmpty {
                    body(key, empty, false)
                }
                continue
            }
            guard line[index] == UInt8(ascii: "=") else {
                body(key, empty, false)
                continue
            }
            index += 1
            guard index < end, line[index] == UInt8(ascii: "\"") else {
                let start = index
                while index < end, line[index] > UInt8(ascii: " "), line[index] != UInt8(ascii: "="),
                    line[index] != UInt8(ascii: "\"")
                {
                    index += 1
                }
                if index < end, line[index] > UInt8(ascii: " ") {
                    if strict {
                        return
                            "logfmt syntax error at pos \(index + 1) : unexpected '\(Character(Unicode.Scalar(line[index])))'"
                    }
                    while index < end, line[index] > UInt8(ascii: " ") { index += 1 }
                    continue
                }
                body(key, UnsafeRawBufferPointer(rebasing: line[start..<index]), false)
                continue
            }
            let start = index + 1
            var escaped = false
            index = start
            while index < end, line[index] != UInt8(ascii: "\"") {
                if line[index] == UInt8(ascii: "\\") {
                    escaped = true
                    index += 1
                }
                index += 1
            }
            guard index < end else {
                return strict ? "logfmt syntax error at pos \(end + 1) : unterminated quoted value" : nil
            }
            let value = UnsafeRawBufferPointer(rebasing: line[start..<index])
            index += 1
            if !escaped || hasSoundEscapes(value) {
                body(key, value, escaped)
            } else if strict {
                return "logfmt syntax error at pos \(index + 1) : invalid quoted value"
            }
        }
    }

    /// Whether the escapes of a quoted value are JSON's, or `\'`.
    private static func hasSoundEscapes(_ value: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < value.count {
            guard value[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            guard index + 1 < value.count else { return false }
            switch value[index + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
                UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                index += 2
            case UInt8(ascii: "u"):
                guard index + 6 <= value.count,
                    value[(index + 2)..<(index + 6)].allSatisfy({ Hex.value(of: $0) != nil })
                else {
                    return false
                }
                index += 6
            default: return false
            }
        }
        return true
    }
}
