import MartletCore
import Testing

@Suite("GoQuote and Bytes")
struct GoQuoteTests {
    @Test(
        "quotes as Go does",
        arguments: [
            ("abc", #""abc""#), ("a\"b\\", #""a\"b\\""#), ("\u{7}\u{8}\u{c}\n\r\t\u{b}", #""\a\b\f\n\r\t\v""#),
            ("\u{0}\u{7f}", #""\x00\x7f""#), ("é漢😀", "\"é漢😀\""), ("\u{a0}\u{200b}", #""\u00a0\u200b""#),
            ("\u{e0001}", #""\U000e0001""#),
        ])
    func quote(text: String, expected: String) {
        #expect(GoQuote.quote(text) == expected)
    }

    @Test("quotes bytes that are not UTF-8 as escapes")
    func invalid() {
        var out: [UInt8] = []
        ([0x61, 0xff, 0xe2, 0x82] as [UInt8]).withUnsafeBytes { GoQuote.append($0, to: &out) }
        #expect(String(decoding: out, as: UTF8.self) == #""a\xff\xe2\x82""#)
    }

    @Test("bytes are searched and compared")
    func search() {
        Bytes.of("hello, world") { text in
            #expect(Bytes.of("world") { Bytes.find($0, in: text) } == 7)
            #expect(Bytes.of("worlds") { Bytes.find($0, in: text) } == nil)
            #expect(Bytes.of("") { Bytes.find($0, in: text) } == 0)
            #expect(Bytes.firstIndex(of: UInt8(ascii: "o"), in: text) == 4)
            #expect(Bytes.firstIndex(of: UInt8(ascii: "o"), in: text, from: 5) == 8)
            #expect(Bytes.firstIndex(of: UInt8(ascii: "z"), in: text) == nil)
            #expect(Bytes.lastIndex(of: UInt8(ascii: "o"), in: text) == 8)
            #expect(Bytes.of("hell") { Bytes.hasPrefix(text, $0) })
            #expect(Bytes.of("rld") { Bytes.hasSuffix(text, $0) })
            #expect(Bytes.of("hellp") { Bytes.compare(text, $0) } < 0)
            #expect(Bytes.of("hell") { Bytes.compare(text, $0) } > 0)
        }
    }

    @Test(
        "UTF-8 is checked as Unicode's table 3-7 says",
        arguments: [
            ([0xc3, 0xa9], true), ([0xc0, 0x80], false), ([0xed, 0xa0, 0x80], false), ([0xe0, 0x80, 0x80], false),
            ([0xf4, 0x90, 0x80, 0x80], false), ([0xf0, 0x9f, 0x98, 0x80], true), ([0xf0, 0x9f, 0x98], false),
            ([0x80], false),
            ([], true),
        ] as [([UInt8], Bool)])
    func utf8(bytes: [UInt8], valid: Bool) {
        #expect(bytes.withUnsafeBytes { Bytes.isValidUTF8($0) } == valid)
        let padded = Array("0123456789".utf8) + bytes
        #expect(padded.withUnsafeBytes { Bytes.isValidUTF8($0) } == valid)
    }
}
