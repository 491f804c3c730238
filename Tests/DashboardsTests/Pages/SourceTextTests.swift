import Dashboards
import Testing

@Suite("Scripts as they are sent")
struct SourceTextTests {
    @Test(
        "comments with lines of their own are emptied, everything else stays as it is",
        arguments: [
            ("// one\nlet a; // two\n", "\nlet a; // two\n"),
            ("/** A\n * B */\nlet a;\n", "\n\nlet a;\n"),
            ("    /* x */  \n    f();", "\n    f();"),
            ("/** @type {A} */ let a;\n/* b */", "/** @type {A} */ let a;\n"),
            ("/* a */ /* b */\n", "/* a */ /* b */\n"),
            ("let a = b / c;\n/x/.test(a);\n", "let a = b / c;\n/x/.test(a);\n"),
            ("/* never ends\n// but this\n", "/* never ends\n\n"), ("\n\n", "\n\n"), ("", ""), ("/", "/"),
            ("  //", ""), ("/*/\nf();\n*/\ng();", "\n\n\ng();"), ("\t// ä\n\t'ä'", "\n\t'ä'"),
        ])
    func comments(text: String, sent: String) {
        #expect(String(decoding: SourceText.withoutComments(Array(text.utf8)), as: UTF8.self) == sent)
    }
}
