import MartletCore
import Testing

@Suite("Matcher")
struct MatcherTests {
    @Test(
        "compares values",
        arguments: [
            (Matcher.Kind.equal, "a", "a", true), (.equal, "a", "ab", false), (.notEqual, "a", "b", true),
            (.notEqual, "a", "a", false), (.regex, "a.*", "abc", true), (.regex, "a", "ab", false),
            (.regex, "b", "abc", false), (.notRegex, "a.*", "abc", false), (.notRegex, "a", "ab", true),
            (.regex, "", "", true), (.regex, ".+", "", false), (.regex, "a|b", "b", true), (.regex, "a|b", "ab", false),
            (.regex, "a.b", "a\nb", true), (.equal, "\u{e9}", "e\u{301}", false),
        ])
    func matches(kind: Matcher.Kind, pattern: String, value: String, expected: Bool) throws {
        let matcher = try Matcher(kind, "x", pattern)
        #expect(matcher.matches(Labels([("x", value)])) == expected)
        #expect(Bytes.of(value) { matcher.matches($0) } == expected)
    }

    @Test("takes a missing label for an empty value")
    func missing() throws {
        #expect(try Matcher(.equal, "x", "").matches(Labels()))
        #expect(try Matcher(.notEqual, "x", "a").matches(Labels()))
        #expect(try Matcher(.regex, "x", "|a").matchesEmpty)
        #expect(try !Matcher(.regex, "x", "a").matchesEmpty)
        #expect(Matcher(equal: "x", "").matchesEmpty)
    }

    @Test("knows the values of equality and of plain alternations")
    func sets() throws {
        #expect(try Matcher(.equal, "x", "a").setMatches == ["a"])
        #expect(try Matcher(.regex, "x", "b|a|foo(bar|baz)").setMatches == ["a", "b", "foobar", "foobaz"])
        #expect(try Matcher(.regex, "x", "a.*").setMatches == nil)
        #expect(try Matcher(.notRegex, "x", "a|b").setMatches == nil)
        #expect(try Matcher(.regex, "x", "abc.*").prefix == Array("abc".utf8))
    }

    @Test("is equal by kind, name and value")
    func equality() throws {
        #expect(try Matcher(.equal, "x", "a") == Matcher(equal: "x", "a"))
        #expect(try Matcher(.regex, "x", "a") != Matcher(equal: "x", "a"))
        #expect(try Set([Matcher(.regex, "x", "a"), Matcher(.regex, "x", "a")]).count == 1)
        #expect(try Matcher(.regex, "a.b", "x\"").description == #""a.b"=~"x\"""#)
    }
}
