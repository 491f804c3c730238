import MartletCore
import Testing
import Wire

@Suite("Label text")
struct LabelTextTests {
    @Test("takes Go's string literals, blanks and a last comma")
    func literals() throws {
        let labels = try LabelText.parse(
            #" { a = "x\n\x41\101\u00e9\U0001F600\\" , b='q"',c=`raw\n`, "d.e"="f", empty="", } "#)
        #expect(
            labels == Labels([("a", "x\nAA\u{e9}\u{1F600}\\"), ("b", "q\""), ("c", "raw\\n"), ("d.e", "f")]))
        #expect(try LabelText.parse("{}") == Labels())
    }

    @Test("what is written reads back")
    func roundTrip() throws {
        let labels = Labels([("a", "\"\\\n\u{7f}é"), ("b.c", "")])
        var text: [UInt8] = []
        LabelText.append(labels, to: &text)
        #expect(try text.withUnsafeBytes { try LabelText.parse($0) } == labels)
    }

    @Test(
        "refuses what is not a label set",
        arguments: [
            "", "{", "}", "a=\"b\"", "{a}", "{a=}", "{a=b}", "{a=\"b}", "{a=\"b\" c=\"d\"}", "{,}", "{a=\"b\",,}",
            "{1=\"a\"}",
            "{a=\"b\"}x", "{a=\"\\q\"}", "{a=\"\\x4\"}", "{a=\"\\ud800\"}", "{a=\"\\777\"}", "{a=\"\\xff\"}",
            "{a=\"1\",a=\"2\"}",
            "{a=\"b\nc\"}", "{a.b=\"c\"}",
        ])
    func refusals(text: String) {
        #expect(throws: WireError.self) { try LabelText.parse(text) }
    }
}
