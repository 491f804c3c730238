import Service
import Testing

@Suite("Query parameters")
struct QueryParametersTests {
    @Test(
        "decodes escapes and plus signs, and keeps damaged escapes",
        arguments: [
            ("q=%7B+status+%3D+error+%7D", "{ status = error }"), ("q=a%20b", "a b"), ("q=a%2Bb", "a+b"),
            ("q=%c3%A9", "é"),
            ("q=100%", "100%"), ("q=%zz%4", "%zz%4"), ("q=a=b", "a=b"), ("q=", ""), ("q", ""), ("x=1&q=2&q=3", "2"),
        ])
    func decodes(text: String, expected: String) {
        #expect(QueryParameters(encoded: text)["q"] == expected)
    }

    @Test("keeps repeated names in order and knows what is missing")
    func repeated() {
        let parameters = QueryParameters(encoded: "match%5B%5D=a&&match[]=b")
        #expect(parameters.all("match[]") == ["a", "b"])
        #expect(parameters["q"] == nil)
        #expect(QueryParameters(encoded: "").pairs.isEmpty)
    }
}
