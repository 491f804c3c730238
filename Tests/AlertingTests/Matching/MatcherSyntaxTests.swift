import Alerting
import MartletCore
import Testing

@Suite("Matchers are read in both of Alertmanager's languages")
struct MatcherSyntaxTests {
    @Test(
        "to the same meaning",
        arguments: [
            (#"a=b"#, #"{a="b"}"#), (#"a="b""#, #"{a="b"}"#), (#"{a="b",c=~"d|e"}"#, #"{a="b",c=~"d|e"}"#),
            (#" { a != "b" , c !~ "d", } "#, #"{a!="b",c!~"d"}"#), (#"a=~"x.*""#, #"{a=~"x.*"}"#),
            (#"a="""#, #"{a=""}"#),
            (#"a="b,c=d""#, #"{a="b,c=d"}"#), (#"a=foo bar"#, #"{a="foo bar"}"#), (#"a=b=c"#, #"{a="b=c"}"#),
            (#""sp ace"="x""#, #"{"sp ace"="x"}"#), (#"Ω="π""#, #"{"Ω"="π"}"#), (#"a="\"q\"""#, #"{a="\"q\""}"#),
            (#"a=~"\\d+""#, #"{a=~"\\d+"}"#), (#"a=~"\.+""#, #"{a=~"\\.+"}"#), (#"a="x\ny""#, #"{a="x\ny"}"#),
            ("{}", "{}"),
            (#"c="2",a="1""#, #"{a="1",c="2"}"#), (#"a="🙂""#, #"{a="🙂"}"#), (#"a="\u00e9""#, #"{a="\\u00e9"}"#),
        ])
    func parses(_ text: String, _ expected: String) throws {
        if text == "{}" {
            #expect(try UTF8MatcherParser.list(text).isEmpty)
        } else {
            #expect(MatcherSyntax.text(try MatcherSyntax.list(text)) == expected)
        }
    }

    @Test(
        "and refused when they mean nothing",
        arguments: ["", "a", "=b", "a=\"b", "{a=b", "a=b}", "a==~b\"", "a=~(", "a=\"b\"c\"", "{a=b,,}", "a=\"\\"])
    func bad(_ text: String) {
        #expect(throws: MatcherSyntaxError.self) { try MatcherSyntax.list(text) }
    }

    @Test("Text cut at any byte gives matchers or an error")
    func truncated() {
        let text = Array(#"{"sp ace"=~"x\u00e9.*", b!="c\n,", d!~'e'}"#.utf8)
        for length in 0...text.count {
            let part = String(decoding: text[..<length], as: UTF8.self)
            do {
                let matchers = try MatcherSyntax.list(part)
                #expect(matchers.allSatisfy { !$0.name.isEmpty })
            } catch {
                #expect(!error.reason.isEmpty)
            }
        }
    }
}
