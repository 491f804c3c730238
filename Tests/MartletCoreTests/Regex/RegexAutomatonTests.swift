import MartletCore
import Testing

@Suite("An automaton of a regular expression")
struct RegexAutomatonTests {
    /// All texts of up to four of these.
    private static let texts: [[UInt8]] = {
        let characters: [UInt8] = Array("ab1_K- \n".utf8)
        var texts: [[UInt8]] = [[]]
        var longest = texts
        for _ in 0..<4 {
            longest = longest.flatMap { text in characters.map { text + [$0] } }
            texts += longest
        }
        return texts
    }()

    @Test(
        "finds what the expression finds",
        arguments: [
            "", "a", "ab|1", "a*", "^a", "a$", "^$", "^a*$", "(^a|b$)", "a.b", "a.*b", "(?s)a.b", "(?s:a.)b",
            "(?-s)a.b",
            "(?m)^a$", "(?m)$", "(?m)^", "(?m)a$|^b", "\\Aa", "a\\z", "\\ba", "a\\b", "\\Ba", "a\\B", "\\b\\b", "(?i)k",
            "(?i)A[B-D]", "(?i:b)1", "a(?i)B", "(?i)a(?-i)b", "(?i)[^a]b", "(?i)[[:lower:]]1", "[[:^alpha:]]b",
            "[^\\d_]1",
            "[\\w-]-", "[]a]b", "[^]a]b", "[a-]b", "[-a]b", "[a-c-]1", "\\d\\D", "\\s\\S", "\\w\\W", "[[:punct:]]1",
            "\\x61b",
            "\\x{62}", "[\\x61-b]{3}", "a\\n", "a{2}", "a{2,}", "a{1,2}b", "a{0}b", "a{,2}", "a{01}", "{a", "a}",
            "(ab|b)+1",
            "(a|)b", "(?P<n>a)(?<m>b)", "(a*)*b", "(|a)+b", "a*?b", "a+?b??1", "(?U)a+b", "(^|_)a(-|$)", "^*a",
            "(a|b|1){3}",
            "é", "a|é", "[^a\\n]{2}$", "[ks]", "[aw]1", "[bD-]", "(?:)", "()a",
        ], [true, false])
    func matches(pattern: String, dotMatchesNewline: Bool) throws {
        let expression = try Regex(pattern, anchored: false, dotMatchesNewline: dotMatchesNewline)
        let searching = try Regex(searchingFor: pattern, dotMatchesNewline: dotMatchesNewline)
        let automaton = try #require(searching.automaton)
        for text in Self.texts {
            let (found, expected) = text.withUnsafeBytes { (automaton.matches($0), expression.captures($0) != nil) }
            if found != expected {
                Issue.record("'\(String(decoding: text, as: UTF8.self))': \(String(describing: found))")
            }
        }
    }

    @Test(
        "is not made of what it does not understand, or what takes too many states",
        arguments: [
            "\\pL", "\\PN", "\\Qa\\E", "[é]", "[^é]", "(?i)é", "[[:alpha:]é]", "\\x{e9}", "a(?i)*", "a.{20}b",
            "(a|b.){1,9}c.{9}d",
        ])
    func none(pattern: String) throws {
        #expect(try Regex(searchingFor: pattern, dotMatchesNewline: false).automaton == nil)
    }

    @Test("is made only of expressions that are searched for in many texts")
    func asked() throws {
        #expect(try Regex("a.b", anchored: false).automaton == nil)
        #expect(try Regex("a.b", anchored: true).automaton == nil)
    }

    @Test(
        "does not say what a text matches that is not ASCII, unless that does not matter",
        arguments: [
            ("a", "xaé", true), ("a", "éa", nil), ("a\\b", "aé", true), ("a\\B", "aé", nil), ("a$", "aé", nil),
            ("^a", "bé", nil), (".*", "é", true), ("[^a]", "é", nil), ("(?i)k", "\u{212a}", nil),
        ] as [(String, String, Bool?)])
    func beyondASCII(pattern: String, text: String, expected: Bool?) throws {
        let automaton = try #require(try Regex(searchingFor: pattern, dotMatchesNewline: false).automaton)
        #expect(Bytes.of(text) { automaton.matches($0) } == expected)
    }

    @Test(
        "leaves the expression's answers as they are",
        arguments: ["a.b", "a[^x]b", "^.$", "(?i)[ks]", "\\bb", "(?s).", "[^ -~]", "é|ü", "a\u{fffd}b"])
    func answers(pattern: String) throws {
        let texts: [[UInt8]] =
            ["", "aéb", "a\nb", "\u{212a}", "\u{17f}", "éb", "ü", "ab"].map { Array($0.utf8) }
            + [[97, 0xff, 98], [0xff], [0xc3], [0xef, 0xbf, 0xbd], [97, 0xe2, 0x82, 98]]
        let plain = try Regex(pattern, anchored: false, dotMatchesNewline: false)
        let searching = try Regex(searchingFor: pattern, dotMatchesNewline: false)
        for text in texts {
            text.withUnsafeBytes { #expect(searching.matches($0) == plain.matches($0)) }
        }
    }

    @Test("remembers where a text left off")
    func parts() throws {
        let automaton = try #require(try Regex(searchingFor: "[a-f0-9]{4}$", dotMatchesNewline: false).automaton)
        let behind = Bytes.of("x=12") { automaton.state(after: $0, from: automaton.start) }
        #expect(!automaton.matches(at: behind))
        #expect(automaton.matches(at: Bytes.of("ab") { automaton.state(after: $0, from: behind) }))
        #expect(!automaton.matches(at: Bytes.of("ab ") { automaton.state(after: $0, from: behind) }))
    }
}
