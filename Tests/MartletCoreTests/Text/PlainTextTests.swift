import MartletCore
import Testing

@Suite("Text of others on a terminal")
struct PlainTextTests {
    @Test("is one line without control characters")
    func line() {
        #expect(PlainText.line("first\r\n\u{1B}[2Jsecond\u{7}\u{9B}\n") == "first [2Jsecond")
        #expect(PlainText.line("größer") == "größer")
        #expect(PlainText.line("\n") == "")
    }
}
