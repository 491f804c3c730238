import Testing
import TraceQL

@Suite("A query that somebody is still typing")
struct UnfinishedQueryTests {
    @Test(
        "says of its first braces what is whole",
        arguments: [
            ("{ .a = 1 && name = \"b\" }", ".a = 1 && name = \"b\""),
            ("{ .a = 1 } | rate() by (.b)", ".a = 1"),
            ("{ .a = 1", ".a = 1"),
            ("{ .a = 1 && name = ", ".a = 1 && true"),
            ("{ .a = 1 && name =~ }", ".a = 1 && true"),
            ("{ (.a = ) && resource.b >= 2 }", "true && resource.b >= 2"),
            ("{ .a = 1 || span.b = }", ".a = 1 || true"),
            ("{ span:status != && .a = 1 } | select(.c)", "true && .a = 1"),
        ])
    func whole(text: String, condition: String) {
        #expect(UnfinishedQuery.condition(text)?.description == condition)
    }

    @Test(
        "asks for every span where it is not to be understood, or has other than one pair of braces",
        arguments: [
            "", "{", "{}", "{ }", "}", "{ .a = 1 && }", "{ .a = \"x", "{ . }", "{ .a = = }", "{ .a = 1 } && { .b = 2 }",
            "{ .a = 1 } >> { .b = }", "{ name = 1 + }", "{ \"a\" + 1 = 2 }", "({ .a = 1 } | rate()) * 2", "rate()",
        ])
    func every(text: String) {
        #expect(UnfinishedQuery.condition(text) == nil)
    }
}
