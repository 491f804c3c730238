import MartletCore
import Querying
import Testing

@Suite("Results as promtool prints them")
struct SeriesTextTests {
    private func lines(_ data: String) throws -> [String] {
        let body = Array("{\"status\":\"success\",\"data\":\(data)}".utf8)
        var found: [String] = []
        var text = SeriesText { found.append($0) }
        try text.write(body, try SeriesText.kind(body))
        return found
    }

    @Test("A vector has a line for each series, times as the server writes them")
    func vector() throws {
        #expect(
            try lines(
                """
                {"resultType":"vector","result":[
                {"metric":{"__name__":"up","job":"a \\"b\\"","instance":"x"},"value":[1700000000.25,"1"]},
                {"metric":{},"value":[1700000000,"NaN"]}]}
                """) == ["up{instance=\"x\", job=\"a \\\"b\\\"\"} => 1 @[1700000000.25]", "{} => NaN @[1700000000]"])
    }

    @Test("A matrix has the labels first, then a line for each sample")
    func matrix() throws {
        #expect(
            try lines(
                """
                {"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1,"2"],[2.5,"-Inf"]]}]}
                """) == ["{a=\"b\"} =>", "2 @[1]", "-Inf @[2.5]"])
    }

    @Test("Histograms show which boundaries belong to their buckets")
    func histograms() throws {
        #expect(
            try lines(
                """
                {"resultType":"vector","result":[{"metric":{"__name__":"h"},"histogram":[7,{"count":"3","sum":"4.5",
                "buckets":[[0,"1","2","1"],[1,"-2","-1","1"],[3,"-1","1","1"]]}]}]}
                """) == ["h => Count: 3, Sum: 4.5, Buckets: [(1,2]:1 [-2,-1):1 [-1,1]:1] @[7]"])
    }

    @Test("Scalars and texts")
    func others() throws {
        #expect(try lines("{\"resultType\":\"scalar\",\"result\":[1,\"2\"]}") == ["scalar: 2 @[1]"])
        #expect(try lines("{\"resultType\":\"string\",\"result\":[1,\"text\"]}") == ["text"])
    }

    @Test(
        "What is no result is an error",
        arguments: [
            "{}", "[]", "<html>", "{\"data\":{\"result\":[]}}", "{\"data\":{\"resultType\":\"other\",\"result\":[]}}",
        ])
    func unreadable(_ body: String) {
        #expect(throws: (any Error).self) { try SeriesText.kind(Array(body.utf8)) }
    }

    @Test("The result stands alone, and warnings are found wherever they stand")
    func parts() throws {
        let body = Array(
            "{\"warnings\":[\"one\"],\"data\":{\"resultType\":\"vector\",\"result\":[ 1 ]},\"infos\":[\"two\"]}".utf8)
        #expect(String(decoding: try SeriesText.result(body), as: UTF8.self) == "[ 1 ]")
        #expect(try SeriesText.warnings(body) == ["one", "two"])
    }
}
