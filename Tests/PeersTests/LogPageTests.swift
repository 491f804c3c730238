import MartletCore
import Peers
import Testing

@Suite("A page of log lines")
struct LogPageTests {
    private static let answer = """
        {"status":"success","data":{"resultType":"streams","encodingFlags":["categorize-labels"],"result":[
        {"stream":{"app":"shop","env":"a\\"b"},"values":[
        ["3","third",{"structuredMetadata":{"trace_id":"ab"},"parsed":{"x":"1"}}],["1","fir\\u0073t",{}]]},
        {"stream":{"app":"till"},"values":[["2","second"]]}],"stats":{"summary":{"x":[1]}}}}
        """

    private func page(_ text: String) throws -> LogPage { try LogPage(Array(text.utf8)) }

    @Test("An answer is read: streams, times, lines, their metadata, and what a query has parsed")
    func reading() throws {
        let page = try page(Self.answer)
        #expect(page.isCategorized)
        #expect(page.last == 3)
        #expect(page.streams == [Labels([("app", "shop"), ("env", "a\"b")]), Labels([("app", "till")])])
        #expect(page.lines.map { String(decoding: $0.text, as: UTF8.self) } == ["third", "first", "second"])
        #expect(page.lines[0].metadata == Labels([("trace_id", "ab")]))
        #expect(page.lines[0].parsed == Labels([("x", "1")]))
        #expect(page.lines[1].metadata.isEmpty)
        #expect(page.lines[1].parsed.isEmpty)
    }

    @Test("Merged, all that is known of a line are labels of its stream")
    func merging() throws {
        let page = try page(Self.answer).merged()
        #expect(page.lines.map { String(decoding: $0.text, as: UTF8.self) } == ["third", "first", "second"])
        #expect(
            page.lines.map { page.streams[$0.stream].description } == [
                "{app=\"shop\", env=\"a\\\"b\", trace_id=\"ab\", x=\"1\"}", "{app=\"shop\", env=\"a\\\"b\"}",
                "{app=\"till\"}",
            ])
        #expect(page.lines.allSatisfy { $0.metadata.isEmpty && $0.parsed.isEmpty })
    }

    @Test("Lines from a time on can be left out")
    func cutting() throws {
        var page = try page(Self.answer)
        page.cut(before: 3)
        #expect(page.lines.map(\.timestamp) == [1, 2])
    }

    @Test(
        "What is no answer of Loki is an error",
        arguments: ["", "[]", "{\"data\":{\"result\":[{\"values\":[[]]}]}}", "{"])
    func broken(text: String) {
        #expect(throws: JSONError.self) { try page(text) }
    }
}
