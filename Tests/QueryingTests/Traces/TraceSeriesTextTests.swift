import MartletCore
import Querying
import Testing

@Suite("Numbers of traces as those of metrics are printed")
struct TraceSeriesTextTests {
    private func lines(_ body: String, instant: Int64? = nil) throws -> (lines: [String], warning: String?) {
        var lines: [String] = []
        let warning = try TraceSeriesText.write(Array(body.utf8), instant: instant) { lines.append($0) }
        return (lines, warning)
    }

    @Test("A series has its labels, then a line for each sample; a value of zero is left out by servers")
    func range() throws {
        let found = try lines(
            """
            {"series":[{"labels":[{"key":"resource.service.name","value":{"stringValue":"shop"}},
            {"key":"span.code","value":{"intValue":"200"}},{"key":"p","value":{"doubleValue":0.9}}],
            "samples":[{"timestampMs":"1700000000000","value":0.25},{"timestampMs":"1700000001500"}]}]}
            """)
        #expect(
            found.lines == [
                "{p=\"0.9\", \"resource.service.name\"=\"shop\", \"span.code\"=\"200\"} =>", "0.25 @[1700000000]",
                "0 @[1700000001.500]",
            ])
        #expect(found.warning == nil)
    }

    @Test("An instant's value has the time that was asked for")
    func instant() throws {
        let found = try lines(
            "{\"series\":[{\"labels\":[],\"value\":3},{\"labels\":[],\"value\":\"-Infinity\"}]}", instant: 5000)
        #expect(found.lines == ["{} => 3 @[5]", "{} => -Inf @[5]"])
    }

    @Test("An answer that is not whole says why")
    func partial() throws {
        let found = try lines("{\"series\":[],\"status\":\"PARTIAL\",\"message\":\"too many series\"}")
        #expect(found.warning == "too many series")
    }
}
