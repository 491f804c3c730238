import Querying
import Testing

@Suite("Summaries of logs are tables")
struct LogSummaryTests {
    private func rows(_ lines: [String]) -> [[String]] {
        lines.dropFirst().map { $0.split(separator: " ").map(String.init) }
    }

    @Test("How much there is")
    func stats() throws {
        let body = "{\"streams\":2,\"chunks\":3,\"bytes\":2048,\"entries\":40}"
        #expect(rows(try LogSummary.stats(Array(body.utf8))) == [["2", "3", "40", "2KiB"]])
    }

    @Test("Volumes, the largest first; a label without a value is a name")
    func volume() throws {
        let body = """
            {"data":{"result":[{"metric":{"app":"a"},"value":[1,"10"]},{"metric":{"pod":""},"value":[1,"1024"]}]}}
            """
        #expect(rows(try LogSummary.volume(Array(body.utf8))) == [["1KiB", "pod"], ["10B", "{app=\"a\"}"]])
    }

    @Test("Patterns, the most frequent first")
    func patterns() throws {
        let body = """
            {"data":[{"pattern":"rare","samples":[[1,1]]},{"pattern":"often <_>","level":"info","samples":[[1,2],[2,3]]}]}
            """
        #expect(
            rows(try LogSummary.patterns(Array(body.utf8))) == [["5", "info", "often", "<_>"], ["1", "-", "rare"]])
    }

    @Test("Fields, with what finds them")
    func fields() throws {
        let body = """
            {"fields":[{"label":"code","type":"int","cardinality":3,"parsers":["json"]},
            {"label":"level","type":"string","cardinality":2,"parsers":null}]}
            """
        #expect(
            rows(try LogSummary.fields(Array(body.utf8))) == [
                ["code", "int", "3", "json"], ["level", "string", "2", "-"],
            ])
    }
}
