import CRE2

/// The differences between Go's regular expressions, which the query languages promise, and RE2's.
enum RegexSyntax {
    /// Rewrites what RE2 does not know and refuses what Go does not.
    static func translate(_ pattern: String) throws(RegexError) -> String {
        let bytes = Array(pattern.utf8)
        guard bytes.contains(UInt8(ascii: "\\")) || bytes.contains(UInt8(ascii: "<")) else { return pattern }
        var out: [UInt8] = []
        var index = 0
        var inClass = false
        while index < bytes.count {
            let rest = bytes[index...]
            if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count {
                let letter = bytes[index + 1]
                if letter == UInt8(ascii: "C") {
                    throw RegexError(reason: "invalid escape sequence", expression: "\\C")
                }
                if letter == UInt8(ascii: "Q"), !inClass {
                    let end = quoteEnd(bytes, index + 2)
                    out.append(contentsOf: bytes[index..<end])
                    index = end
                    continue
                }
                out.append(contentsOf: bytes[index..<index + 2])
                index += 2
                continue
            }
            if inClass {
                if let end = namedClassEnd(bytes, index) {
                    out.append(contentsOf: bytes[index..<end])
                    index = end
                    continue
                }
                if bytes[index] == UInt8(ascii: "]") { inClass = false }
            } else if bytes[index] == UInt8(ascii: "[") {
                inClass = true
                out.append(bytes[index])
                index += 1
                // A bracket that comes first, also after ^, is a member of the class.
                if index < bytes.count, bytes[index] == UInt8(ascii: "^") {
                    out.append(bytes[index])
                    index += 1
                }
                if index < bytes.count, bytes[index] == UInt8(ascii: "]") {
                    out.append(bytes[index])
                    index += 1
                }
                continue
            } else if rest.starts(with: "(?<".utf8) {
                // Go 1.22 reads (?<name>…) as (?P<name>…).
                out.append(contentsOf: "(?P<".utf8)
                index += 3
                continue
            }
            out.append(bytes[index])
            index += 1
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// RE2's complaint in Go's words.
    static func error(
        _ code: cre2_error, argument: String, original: String, translated: String
    ) -> RegexError {
        let argument = argument.utf8.elementsEqual(translated.utf8) ? original : argument
        let reason: String
        switch code {
        case CRE2_BAD_ESCAPE: reason = "invalid escape sequence"
        case CRE2_BAD_CHAR_CLASS: reason = "invalid character class"
        case CRE2_BAD_CHAR_RANGE: reason = "invalid character class range"
        case CRE2_MISSING_BRACKET: reason = "missing closing ]"
        case CRE2_MISSING_PAREN: reason = "missing closing )"
        case CRE2_UNEXPECTED_PAREN: reason = "unexpected )"
        case CRE2_TRAILING_BACKSLASH: reason = "trailing backslash at end of expression"
        case CRE2_REPEAT_ARGUMENT: reason = "missing argument to repetition operator"
        case CRE2_REPEAT_SIZE: reason = "invalid repeat count"
        case CRE2_REPEAT_OP: reason = "invalid nested repetition operator"
        case CRE2_BAD_PERL_OP: reason = "invalid or unsupported Perl syntax"
        case CRE2_BAD_UTF8: reason = "invalid UTF-8"
        case CRE2_BAD_NAMED_CAPTURE: reason = "invalid named capture"
        case CRE2_PATTERN_TOO_LARGE: return RegexError(reason: "expression too large", expression: original)
        default: return RegexError(reason: "internal error", expression: original)
        }
        return RegexError(reason: reason, expression: argument)
    }

    /// Offset after the `\E` that ends a quotation, or the end.
    private static func quoteEnd(_ bytes: [UInt8], _ start: Int) -> Int {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "E") { return index + 2 }
            index += 1
        }
        return bytes.count
    }

    /// Offset after the `:]` of a named class that begins at `start`; nil where there is none: a bracket stands for itself then.
    static func namedClassEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
        guard bytes[start...].starts(with: "[:".utf8) else { return nil }
        var index = start + 2
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: ":"), bytes[index + 1] == UInt8(ascii: "]") { return index + 2 }
            guard bytes[index] == UInt8(ascii: "^") || (bytes[index] | 0x20) >= UInt8(ascii: "a") else { return nil }
            index += 1
        }
        return nil
    }
}
