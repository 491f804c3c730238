import Querying
import Testing

@Suite("Attributes of traces are listed as TraceQL names them")
struct AttributeLinesTests {
    @Test("Names have their scopes, intrinsic ones have none, and unusual ones have quotes")
    func names() throws {
        let body = """
            {"scopes":[{"name":"resource","tags":["service.name"]},{"name":"span","tags":["a b"]},
            {"name":"intrinsic","tags":["duration","span:kind"]}]}
            """
        #expect(
            try AttributeLines.names(Array(body.utf8)) == [
                "resource.service.name", "span.\"a b\"", "duration", "span:kind",
            ])
    }

    @Test("Values are bare")
    func values() throws {
        let body = "{\"tagValues\":[{\"type\":\"string\",\"value\":\"shop\"},{\"type\":\"int\",\"value\":\"7\"}]}"
        #expect(try AttributeLines.values(Array(body.utf8)) == ["shop", "7"])
    }
}
