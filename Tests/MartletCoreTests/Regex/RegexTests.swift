import MartletCore
import Testing

@Suite("Regex")
struct RegexTests {
    /// Every strategy must agree with the automaton; adding an empty group of flags hides the shape from the analysis.
    @Test(
        "answers the same with and without the automaton",
        arguments: [
            "", "abc", "a|b|c", "(a|b)c", "a(b|c)?d", ".*", ".+", "abc.*", ".*abc", ".*abc.*", "^abc$", "^abc", "abc$",
            "a.c", "a+", "ab+", "ab*", "(ab)+c", "[abc]", "[]a]b", "a\\.b", "\\Qa.b\\E", "(?i)ABC", "x{2,3}", "a{0}b",
            "(?P<n>a)|b", "(?<n>ab)c", "a||b", "a\\d", "é|ü", "(a|b|)(c|d)", "a$|b", "(^a)b", "a{,2}", "abc.*?", "a??",
            "[[:alpha:]]+x", "[[:a]b[^]]", "[[:]?a[bc]",
        ])
    func strategies(pattern: String) throws {
        let inputs = [
            "", "a", "b", "ab", "abc", "abcd", "xabc", "xabcx", "ac", "bc", "ad", "abd", "acd", "a.b", "axb", "A",
            "aBc",
            "ABC", "aa", "aab", "abb", "ababc", "abab", "xx", "xxx", "x", "]b", "é", "ü", "a\nc", "\n", "abc\n", "a1",
            "c",
            "d", "bd", "a{,2}", "abcx",
        ]
        for anchored in [true, false] {
            let fast = try Regex(pattern, anchored: anchored)
            let slow = try Regex("(?:)(?s-i:\(pattern))", anchored: anchored)
            #expect(slow.setMatches == nil)
            for input in inputs {
                #expect(
                    fast.matches(input) == slow.matches(input), "/\(pattern)/ anchored \(anchored) on '\(input)'")
            }
            for set in [fast.setMatches ?? []] {
                for element in set { #expect(slow.matches(element)) }
            }
        }
    }

    @Test("finds sets, prefixes and required literals")
    func shapes() throws {
        #expect(try Regex("a|b|c", anchored: true).setMatches == ["a", "b", "c"])
        #expect(try Regex("(?:GET|POST)", anchored: true).setMatches == ["GET", "POST"])
        #expect(try Regex("a[bc]", anchored: true).setMatches == nil)
        #expect(try Regex("a|b", anchored: false).setMatches == nil)
        #expect(try Regex("node-(1|2).*", anchored: true).prefix == Array("node-".utf8))
        #expect(try Regex("(foo|fob).", anchored: true).prefix == Array("fo".utf8))
        #expect(try Regex("a.*timeout.*b", anchored: false).requiredLiteral == Array("timeout".utf8))
        #expect(try Regex("(?i)timeout", anchored: false).requiredLiteral.isEmpty)
        #expect(try Regex("(a|timeout)", anchored: false).requiredLiteral.isEmpty)
        #expect(try Regex("ab*", anchored: false).requiredLiteral == Array("a".utf8))
    }

    @Test(
        "refuses with Go's words",
        arguments: [
            ("a(", "error parsing regexp: missing closing ): `a(`"),
            ("a)", "error parsing regexp: unexpected ): `a)`"),
            ("[a", "error parsing regexp: missing closing ]: `[a`"),
            ("*", "error parsing regexp: missing argument to repetition operator: `*`"),
            ("a**", "error parsing regexp: invalid nested repetition operator: `**`"),
            ("[z-a]", "error parsing regexp: invalid character class range: `z-a`"),
            ("\\8", "error parsing regexp: invalid escape sequence: `\\8`"),
            ("\\C", "error parsing regexp: invalid escape sequence: `\\C`"),
            ("(?=a)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"),
            ("a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"),
            ("a\\", "error parsing regexp: trailing backslash at end of expression: ``"),
        ])
    func errors(pattern: String, message: String) {
        let error = #expect(throws: RegexError.self) { try Regex(pattern, anchored: true) }
        #expect(error?.description == message)
    }

    @Test("holds its memory to the limit")
    func memoryLimit() {
        let error = #expect(throws: RegexError.self) {
            try Regex("((a{100}){10}b{100}){10}[[:^space:]]{500}", anchored: true, maxMemory: 50_000)
        }
        #expect(error?.reason == "expression too large" || error?.reason == "invalid repeat count")
    }

    @Test("takes bytes that are not UTF-8 for U+FFFD, as Go does")
    func invalidUTF8() throws {
        let bytes: [UInt8] = [97, 0xff, 98]
        #expect(try bytes.withUnsafeBytes { try Regex("a.b", anchored: true).matches($0) })
        #expect(try bytes.withUnsafeBytes { try Regex("a[^x]b", anchored: true).matches($0) })
        #expect(try bytes.withUnsafeBytes { try Regex("a\u{fffd}b", anchored: true).matches($0) })
        #expect(try bytes.withUnsafeBytes { try !Regex("a..b", anchored: true).matches($0) })
        let groups = try bytes.withUnsafeBytes { try Regex("a(.)(b)", anchored: true).captures($0) }
        #expect(groups == [0..<3, 1..<2, 2..<3])
    }

    @Test(
        "takes each byte of a surrogate, or of a sequence that is too long, for a character",
        arguments: [[0xed, 0xa0, 0x80], [0xe0, 0x80, 0x80], [0xf0, 0x80, 0x80]] as [[UInt8]])
    func almostUTF8(bytes: [UInt8]) throws {
        for (pattern, expected) in [(".", false), ("...", true), ("[^a]", false), ("\\D{3}", true)] {
            for anchored in [true, false] {
                let regex = try Regex(anchored ? pattern : "^\(pattern)$", anchored: anchored)
                #expect(bytes.withUnsafeBytes { regex.matches($0) } == expected, "/\(pattern)/ anchored \(anchored)")
            }
        }
    }

    @Test("gives captures and group names")
    func captures() throws {
        let regex = try Regex("(?P<first>a+)(x)?(?<last>b+)", anchored: false)
        #expect(regex.groupCount == 3)
        #expect(regex.groupNames == ["first", "", "last"])
        let groups = Bytes.of("--aabb--") { regex.captures($0) }
        #expect(groups == [2..<6, 2..<4, nil, 4..<6])
        #expect(Bytes.of("zzz") { regex.captures($0) } == nil)
    }

    @Test(
        "fills templates as Go does",
        arguments: [
            ("$1", "foo"), ("${1}x", "foox"), ("$1x", ""), ("$$1", "$1"), ("$name-$2", "foo-bar"), ("${name}", "foo"),
            ("$", "$"), ("a$", "a$"), ("${", "${"), ("${1", "${1"), ("$9", ""), ("${}", "${}"), ("$-", "$-"),
            ("plain", "plain"), ("$0", "foo:bar"), ("$2$1", "barfoo"), ("$01", ""),
        ])
    func templates(template: String, expected: String) throws {
        let regex = try Regex("(?P<name>\\w+):(\\w+)", anchored: true)
        let filled = Bytes.of("foo:bar") { regex.expand(RegexTemplate(template, for: regex), matching: $0) }
        #expect(filled.map { String(decoding: $0, as: UTF8.self) } == expected)
        #expect(RegexTemplate("plain", for: regex).isConstant)
        #expect(!RegexTemplate("$1", for: regex).isConstant)
    }

    @Test(
        "replaces every match as Go does",
        arguments: [
            ("a", "xaya", "-", "x-y-"), ("", "abc", "-", "-a-b-c-"), ("a*", "baaac", "x", "xbxcx"),
            ("(\\w)(\\w)", "abcd e", "$2$1", "badc e"), ("z", "abc", "-", "abc"), ("^", "abc", ">", ">abc"),
            ("b*", "éb", "-", "-é-"),
        ])
    func replaceAll(pattern: String, text: String, template: String, expected: String) throws {
        let regex = try Regex(pattern, anchored: false)
        let result = Bytes.of(text) { regex.replaceAll($0, with: RegexTemplate(template, for: regex)) }
        #expect(String(decoding: result, as: UTF8.self) == expected)
    }

    @Test("replaces every match among bytes that are not UTF-8")
    func replaceAllInvalid() throws {
        let bytes: [UInt8] = [0xff, 97, 0xc3, 0xa9, 0xff, 97, 0xff]
        let regex = try Regex("[^é]a", anchored: false)
        let result = bytes.withUnsafeBytes { regex.replaceAll($0, with: RegexTemplate(literal: "-")) }
        #expect(result == [45, 0xc3, 0xa9, 45, 0xff])
        let between = try Regex("", anchored: false)
        #expect(bytes.withUnsafeBytes { between.matchCount(in: $0) } == 7)
    }

    @Test("half a million matches take no time that grows with their square", arguments: [0x20, 0xff] as [UInt8])
    func manyMatches(between: UInt8) throws {
        let bytes = (0..<1_000_000).map { $0 % 2 == 0 ? 120 : between }
        #expect(try bytes.withUnsafeBytes { try Regex("x", anchored: false).matchCount(in: $0) } == 500_000)
    }

    @Test("keeps sets small, however long their strings would be")
    func setLimits() throws {
        let long = String(repeating: "x", count: 50_000)
        let many = "(" + (0..<60).map { "a\($0)" }.joined(separator: "|") + ")"
        #expect(try Regex(many + many, anchored: true).setMatches?.count == 3600)
        #expect(try Regex(many + many + many, anchored: true).setMatches == nil)
        #expect(try Regex(many + many + long, anchored: true, maxMemory: 1 << 28).setMatches == nil)
        #expect(try Regex(many + many, anchored: true).matches("a7a59"))
    }

    @Test("stays linear on patterns that ruin backtracking engines")
    func catastrophic() throws {
        let regex = try Regex("(x+x+)+y", anchored: true)
        #expect(!regex.matches(String(repeating: "x", count: 5000)))
    }

    @Test("keeps the dot away from newlines when asked")
    func dotNewline() throws {
        #expect(try !Regex("a.*b", anchored: false, dotMatchesNewline: false).matches("a\nb"))
        #expect(try Regex("a.*b", anchored: false).matches("a\nb"))
        #expect(try !Regex(".*", anchored: true, dotMatchesNewline: false).matches("a\nb"))
        #expect(try Regex(".*b.*", anchored: false, dotMatchesNewline: false).matches("a\nb"))
    }

    @Test("never crashes on mutated patterns")
    func mutations() {
        let seed = Array("(?P<n>a|b[^c]\\d{2,3}).*?(?i:x)+$".utf8)
        var state: UInt64 = 7
        var compiled = 0
        for _ in 0..<3000 {
            var bytes = seed
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let position = Int(truncatingIfNeeded: state >> 40) % bytes.count
                let alphabet = Array("()[]{}|*+?\\.^$<>PQEabc,1:-".utf8)
                bytes[position] = alphabet[Int(truncatingIfNeeded: state >> 20) & 0xffff % alphabet.count]
            }
            let pattern = String(decoding: bytes, as: UTF8.self)
            guard let regex = try? Regex(pattern, anchored: state & 1 == 0) else { continue }
            compiled += 1
            let slow = try? Regex("(?:)(?s:\(pattern))", anchored: state & 1 == 0)
            for input in ["", "a", "b", "ab12x", "abc", "bd22zzx"] {
                if let slow { #expect(regex.matches(input) == slow.matches(input), "/\(pattern)/ on '\(input)'") }
            }
        }
        #expect(compiled > 100)
    }

    @Test(
        "that asks for texts in letters of any case is known as such",
        arguments: [
            ("(?i)Error", ["error"]), ("(?i)a\\.b \\[C\\]", ["a.b [c]"]), ("(?i)\"x\":1", ["\"x\":1"]),
            ("(?i)Time out|A\\|b", ["time out", "a|b"]), ("error", nil), ("(?i)", nil), ("(?i)a|", nil),
            ("(?i)|a", nil),
            ("(?i)a.b", nil), ("(?i)a\\d", nil), ("(?i)^a", nil), ("(?i)é", nil), ("(?i)(a)", nil), ("(?i)(a|b)", nil),
            ("(?i)a{2}", nil), ("(?s)a", nil), ("(?i)" + String(repeating: "a", count: 253), nil),
        ] as [(String, [String]?)])
    func folded(pattern: String, texts: [String]?) throws {
        #expect(try Regex(pattern, anchored: false).foldedTexts == texts.map { $0.map { Array($0.utf8) } })
        #expect(try Regex(pattern, anchored: true).foldedTexts == nil)
    }
}
