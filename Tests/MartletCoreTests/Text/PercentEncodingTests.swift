import MartletCore
import Testing

@Suite("Percent-encoding")
struct PercentEncodingTests {
    private func decode(_ text: String, plusIsSpace: Bool = true) -> String {
        String(decoding: PercentEncoding.decode(Substring(text).utf8, plusIsSpace: plusIsSpace), as: UTF8.self)
    }

    @Test("keeps what is unreserved, or what it is told to")
    func encoding() {
        #expect(PercentEncoding.encode("aZ0-._~ /+%é\n") == "aZ0-._~%20%2F%2B%25%C3%A9%0A")
        #expect(PercentEncoding.encode("a/b c") { $0 != UInt8(ascii: " ") } == "a/b%20c")
    }

    @Test("is undone, with pluses as blanks where they are")
    func decoding() {
        #expect(decode("a%2Fb+%c3%A9") == "a/b é")
        #expect(decode("a+b", plusIsSpace: false) == "a+b")
    }

    @Test("leaves broken escapes as they are", arguments: ["%", "%4", "%4g", "%+5", "100%"])
    func broken(text: String) {
        #expect(decode(text, plusIsSpace: false) == text)
    }
}
