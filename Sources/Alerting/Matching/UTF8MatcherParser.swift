package import MartletCore

/// The newer language: `{name="value", "any name"!~"value"}`, braces optional around a list; names and values are
/// quoted, or bare words of anything but blanks and ``{}!=~,\"'` ``.
package enum UTF8MatcherParser {
    /// One or more matchers; `{}` is none.
    package static func list(_ text: String) throws(MatcherSyntaxError) -> [Matcher] {
        var scanner = Scanner(bytes: Array(text.utf8))
        var matchers: [Matcher] = []
        scanner.skipBlanks()
        let braced = scanner.take(0x7B)
        scanner.skipBlanks()
        while !scanner.isAtEnd, scanner.peek != 0x7D {
            matchers.append(try scanner.matcher())
            scanner.skipBlanks()
            if scanner.take(0x2C) {
                scanner.skipBlanks()
                if !braced, scanner.isAtEnd { break }
            } else if !scanner.isAtEnd, scanner.peek != 0x7D {
                throw scanner.unexpected("a comma or close brace")
            }
        }
        if braced {
            guard scanner.take(0x7D) else { throw scanner.unexpected("close brace") }
            scanner.skipBlanks()
        }
        guard scanner.isAtEnd else { throw scanner.unexpected("end of input") }
        guard braced || !matchers.isEmpty else { throw MatcherSyntaxError(reason: "no matchers") }
        return matchers
    }

    private struct Scanner {
        let bytes: [UInt8]
        var at = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { at == bytes.count }
        var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

        mutating func skipBlanks() {
            while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard peek == byte else { return false }
            at += 1
            return true
        }

        func unexpected(_ wanted: String) -> MatcherSyntaxError {
            let rest = String(decoding: bytes[at...].prefix(16), as: UTF8.self)
            return MatcherSyntaxError(
                reason:
                    "\(at):\(bytes.count): \(rest.isEmpty ? "end of input" : "unexpected \(rest)"): expected \(wanted)")
        }

        mutating func matcher() throws(MatcherSyntaxError) -> Matcher {
            let name = try word("label name")
            guard !name.isEmpty else { throw unexpected("label name") }
            skipBlanks()
            let kind: Matcher.Kind
            switch (peek, at + 1 < bytes.count ? bytes[at + 1] : nil) {
            case (0x3D, 0x7E): kind = .regex
            case (0x21, 0x3D): kind = .notEqual
            case (0x21, 0x7E): kind = .notRegex
            case (0x3D, _): kind = .equal
            default: throw unexpected("an operator such as '=', '!=', '=~' or '!~'")
            }
            at += kind == .equal ? 1 : 2
            skipBlanks()
            return try MatcherSyntax.make(kind, name, try word("label value"))
        }

        /// A quoted string with Go's escapes, or a bare word.
        mutating func word(_ what: String) throws(MatcherSyntaxError) -> String {
            var out: [UInt8] = []
            if take(0x22) {
                while true {
                    guard let byte = peek else { throw unexpected("closing quote") }
                    at += 1
                    if byte == 0x22 { break }
                    if byte == 0x5C {
                        try escape(into: &out)
                    } else {
                        out.append(byte)
                    }
                }
            } else {
                let start = at
                while let byte = peek, !Scanner.isReserved(byte) { at += 1 }
                out = Array(bytes[start..<at])
                if out.isEmpty { throw unexpected(what) }
            }
            guard let text = String(validating: out, as: UTF8.self) else { throw unexpected("valid UTF-8") }
            return text
        }

        private mutating func escape(into out: inout [UInt8]) throws(MatcherSyntaxError) {
            do throws(GoEscape.Problem) {
                try GoEscape.read(bytes, at: &at, quote: 0x22, into: &out)
            } catch {
                throw unexpected("a valid escape")
            }
        }

        private static func isReserved(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x00...0x20, 0x7B, 0x7D, 0x21, 0x3D, 0x7E, 0x2C, 0x5C, 0x22, 0x27, 0x60: true
            default: false
            }
        }
    }
}
