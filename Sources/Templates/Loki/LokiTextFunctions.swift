import MartletCore

/// Loki's template functions on text.
enum LokiTextFunctions {
    /// Bytes that a function may make.
    private static let resultLimit = 4 << 20

    static let all: [String: TemplateFunction] = [
        "lower": .text { $0.lowercased() }, "ToLower": .text { $0.lowercased() },
        "upper": .text { $0.uppercased() }, "ToUpper": .text { $0.uppercased() },
        "title": .text(title),
        "trim": .text { trimmed($0, where: isSpace) }, "TrimSpace": .text { trimmed($0, where: isSpace) },
        "trimAll": two { trimmed($1, of: $0) }, "Trim": two { trimmed($0, of: $1) },
        "TrimLeft": two { trimmed($0, of: $1, end: false) }, "TrimRight": two { trimmed($0, of: $1, start: false) },
        "trimPrefix": two(withoutPrefix), "TrimPrefix": two { withoutPrefix($1, $0) },
        "trimSuffix": two(withoutSuffix), "TrimSuffix": two { withoutSuffix($1, $0) },
        "contains": test { Bytes.find($0, in: $1) != nil },
        "hasPrefix": test { Bytes.hasPrefix($1, $0) },
        "hasSuffix": test { Bytes.hasSuffix($1, $0) },
        "trunc": TemplateFunction([.int, .string]) { .string(truncated($0[1].text, LokiNumber.int($0[0]))) },
        "substr": TemplateFunction([.int, .int, .string]) {
            .string(try substring($0[2].text, LokiNumber.int($0[0]), LokiNumber.int($0[1])))
        },
        "alignLeft": TemplateFunction([.int, .string]) {
            .string(try aligned($0[1].text, LokiNumber.int($0[0]), left: true))
        },
        "alignRight": TemplateFunction([.int, .string]) {
            .string(try aligned($0[1].text, LokiNumber.int($0[0]), left: false))
        },
        "indent": TemplateFunction([.int, .string]) { .string(try indented($0[1].text, LokiNumber.int($0[0]))) },
        "nindent": TemplateFunction([.int, .string]) {
            .string("\n" + (try indented($0[1].text, LokiNumber.int($0[0]))))
        },
        "repeat": TemplateFunction([.int, .string]) { .string(try repeated($0[1].text, LokiNumber.int($0[0]))) },
        "replace": TemplateFunction([.string, .string, .string]) {
            .string(try replaced($0[2].text, $0[0].text, $0[1].text, at: .max))
        },
        "Replace": TemplateFunction([.string, .string, .string, .int]) {
            let limit = LokiNumber.int($0[3])
            return .string(try replaced($0[0].text, $0[1].text, $0[2].text, at: limit < 0 ? .max : Int(limit)))
        },
        "urlencode": .text(Escaping.urlQuery),
        "urldecode": TemplateFunction([.string]) { .string(try Escaping.urlQueryDecoded($0[0].text)) },
        "b64enc": .text { text in Bytes.of(text) { String(decoding: Base64.encode($0), as: UTF8.self) } },
        "b64dec": .text(base64Decoded),
        "default": TemplateFunction([.any], further: .any) { arguments in
            arguments.count > 1 && isGiven(arguments[1]) ? arguments[1] : arguments[0]
        },
        "fromJson": TemplateFunction([.string], weight: TemplateFunction.heavy) { arguments in
            // Texts that are no JSON give nothing.
            (try? JSONValue(parsing: arguments[0].text)).map(value) ?? .none
        },
    ]

    private static func two(_ body: @escaping @Sendable (String, String) -> String) -> TemplateFunction {
        TemplateFunction([.string, .string]) { .string(body($0[0].text, $0[1].text)) }
    }

    private static func test(
        _ body: @escaping @Sendable (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) -> TemplateFunction {
        TemplateFunction([.string, .string]) { arguments in
            .bool(Bytes.of(arguments[0].text) { first in Bytes.of(arguments[1].text) { body(first, $0) } })
        }
    }

    /// Throws when a result would take too much memory.
    static func admit(_ bytes: Int, times count: Int) throws {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: count)
        guard !overflow, product <= resultLimit else { throw TemplateFunctionError("the result would be too long") }
    }

    // MARK: Trimming

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

    private static func trimmed(
        _ text: String, start: Bool = true, end: Bool = true, where isTrimmed: (Unicode.Scalar) -> Bool
    ) -> String {
        var scalars = Substring(text).unicodeScalars
        while start, let first = scalars.first, isTrimmed(first) { scalars.removeFirst() }
        while end, let last = scalars.last, isTrimmed(last) { scalars.removeLast() }
        return String(scalars)
    }

    private static func trimmed(_ text: String, of cut: String, start: Bool = true, end: Bool = true) -> String {
        let set = Set(cut.unicodeScalars)
        return trimmed(text, start: start, end: end) { set.contains($0) }
    }

    private static func withoutPrefix(_ prefix: String, _ text: String) -> String {
        text.utf8.starts(with: prefix.utf8)
            ? String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : text
    }

    private static func withoutSuffix(_ suffix: String, _ text: String) -> String {
        text.utf8.reversed().starts(with: suffix.utf8.reversed())
            ? String(decoding: text.utf8.dropLast(suffix.utf8.count), as: UTF8.self) : text
    }

    // MARK: Cutting and filling

    /// The first letter of every word in upper case, as Go's `strings.Title` does.
    private static func title(_ text: String) -> String {
        var result = ""
        var before: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            if isSeparator(before) {
                result += scalar.properties.titlecaseMapping
            } else {
                result.unicodeScalars.append(scalar)
            }
            before = scalar
        }
        return result
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 {
            return !(scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        }
        if scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal { return false }
        return scalar.properties.isWhitespace
    }

    /// The first `count` bytes, or with a negative count the last.
    private static func truncated(_ text: String, _ count: Int64) -> String {
        let length = Int64(text.utf8.count)
        if count < 0, length + count > 0 {
            return String(decoding: text.utf8.dropFirst(Int(length + count)), as: UTF8.self)
        }
        return count >= 0 && length > count ? String(decoding: text.utf8.prefix(Int(count)), as: UTF8.self) : text
    }

    /// Bytes `start..<end`; a negative start means from the beginning, a negative end to the end.
    private static func substring(_ text: String, _ start: Int64, _ end: Int64) throws -> String {
        let length = Int64(text.utf8.count)
        let from = max(start, 0)
        let to = start >= 0 && (end < 0 || end > length) ? length : end
        guard to >= 0, to <= length else {
            throw TemplateFunctionError("runtime error: slice bounds out of range [:\(to)] with length \(length)")
        }
        guard from <= to else {
            throw TemplateFunctionError("runtime error: slice bounds out of range [\(from):\(to)]")
        }
        return String(decoding: text.utf8.dropFirst(Int(from)).prefix(Int(to - from)), as: UTF8.self)
    }

    /// Exactly so many characters, with blanks or cut.
    private static func aligned(_ text: String, _ count: Int64, left: Bool) throws -> String {
        guard count >= 0 else { return text }
        let scalars = text.unicodeScalars
        let missing = count - Int64(scalars.count)
        guard missing != 0 else { return text }
        guard missing > 0 else {
            return left ? String(scalars.prefix(Int(count))) : String(scalars.suffix(Int(count)))
        }
        try admit(Int(missing), times: 1)
        let pad = String(repeating: " ", count: Int(missing))
        return left ? text + pad : pad + text
    }

    private static func indented(_ text: String, _ count: Int64) throws -> String {
        let pad = try repeated(" ", count)
        return pad + (try replaced(text, "\n", "\n" + pad, at: .max))
    }

    private static func repeated(_ text: String, _ count: Int64) throws -> String {
        guard count >= 0 else { throw TemplateFunctionError("strings: negative Repeat count") }
        // However often, it takes no room, but it would take time.
        guard !text.isEmpty else { return "" }
        try admit(text.utf8.count, times: Int(count))
        return String(repeating: text, count: Int(count))
    }

    /// The first `limit` places of `old` replaced.
    private static func replaced(_ text: String, _ old: String, _ new: String, at limit: Int) throws -> String {
        try admit(text.utf8.count + 1, times: new.utf8.count + 1)
        let source = Array(text.utf8)
        let needle = Array(old.utf8)
        var out: [UInt8] = []
        var index = 0
        var count = 0
        if needle.isEmpty {
            // Before every character, and at the end.
            for scalar in text.unicodeScalars {
                if count < limit { out += new.utf8 }
                count += 1
                out += String(scalar).utf8
            }
            if count < limit { out += new.utf8 }
            return String(decoding: out, as: UTF8.self)
        }
        while count < limit, index < source.count {
            let found = needle.withUnsafeBytes { needle in
                source.withUnsafeBytes { Bytes.find(needle, in: UnsafeRawBufferPointer(rebasing: $0[index...])) }
            }
            guard let found else { break }
            out += source[index..<index + found]
            out += new.utf8
            index += found + needle.count
            count += 1
        }
        out += source[index...]
        return String(decoding: out, as: UTF8.self)
    }

    // MARK: Decoding

    /// What is no base64 gives Go's message in place of the text.
    private static func base64Decoded(_ text: String) -> String {
        Bytes.of(text) { bytes in
            let wrong = bytes.firstIndex { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
                    false
                default: true
                }
            }
            guard wrong == nil, let decoded = Base64.decode(bytes) else {
                return "illegal base64 data at input byte \(wrong ?? bytes.count)"
            }
            return String(decoding: decoded, as: UTF8.self)
        }
    }

    private static func isGiven(_ value: TemplateValue) -> Bool {
        if case .object = value { true } else { value.isTrue }
    }

    private static func value(_ json: JSONValue) -> TemplateValue {
        switch json {
        case .null: .none
        case .bool(let value): .bool(value)
        case .number(let text): .float(Double(text) ?? 0)
        case .string(let text): .string(text)
        case .array(let elements): .list(TemplateList(elements.map(value)))
        case .object(let members):
            .map(TemplateMap(Dictionary(members.map { ($0.key, value($0.value)) }, uniquingKeysWith: { $1 })))
        }
    }
}
