import MartletCore
import Testing

@Suite("GoEscape")
struct GoEscapeTests {
    @Test(
        "resolves Go's escapes",
        arguments: [
            (#"\a\b\f\n\r\t\v\\"#, [7, 8, 12, 10, 13, 9, 11, 92]), (#"\""#, [34]),
            (#"a\x41\xffz"#, [97, 65, 255, 122]),
            (#"\101\377"#, [65, 255]), (#"\u00e9"#, [0xc3, 0xa9]), (#"\U0001F600"#, [0xf0, 0x9f, 0x98, 0x80]), ("", []),
        ] as [(String, [UInt8])])
    func resolve(text: String, expected: [UInt8]) throws {
        #expect(try GoQuote.unquote(inside: Array(text.utf8)[...]) == expected)
    }

    @Test(
        "says what is wrong with an escape",
        arguments: [
            (#"\"#, .unterminated), (#"\x4"#, .unterminated), (#"\u00e"#, .unterminated), (#"\07"#, .unterminated),
            (#"\q"#, .unknown), (#"\'"#, .unknown), (#"\8"#, .unknown), (#"\x4g"#, .notADigit),
            (#"\u+0e9"#, .notADigit),
            (#"\078"#, .notADigit), (#"\400"#, .invalidCodePoint), (#"\ud800"#, .invalidCodePoint),
            (#"\U00110000"#, .invalidCodePoint),
        ] as [(String, GoEscape.Problem)])
    func refuse(text: String, problem: GoEscape.Problem) {
        #expect(throws: problem) { try GoQuote.unquote(inside: Array(text.utf8)[...]) }
    }

    @Test("only the quote around a literal may be escaped in it")
    func quotes() throws {
        #expect(try GoQuote.unquote(inside: Array(#"\'"#.utf8)[...], quote: UInt8(ascii: "'")) == [39])
        #expect(throws: GoEscape.Problem.unknown) {
            try GoQuote.unquote(inside: Array(#"\""#.utf8)[...], quote: UInt8(ascii: "'"))
        }
    }

    @Test("stops at the character that is wrong")
    func position() {
        let text = Array("\\u00g9".utf8)
        var position = 1
        var out: [UInt8] = []
        #expect(throws: GoEscape.Problem.notADigit) {
            try GoEscape.read(text, at: &position, quote: UInt8(ascii: "\""), into: &out)
        }
        #expect(position == 4)
        #expect(out.isEmpty)
    }
}
