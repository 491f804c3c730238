import MartletCore
import Moving
import Peers
import Testing

@Suite("Lines of one nanosecond are told apart")
struct LineSplitTests {
    private func page(_ lines: [(labels: String, line: String)]) throws -> LogPage {
        let streams = lines.map { "{\"stream\":\($0.labels),\"values\":[[\"7\",\"\($0.line)\"]]}" }
        return try LogPage(Array("{\"data\":{\"result\":[\(streams.joined(separator: ","))]}}".utf8))
    }

    @Test("By how they begin")
    func beginning() throws {
        let lines = ["at 10.a", "at 10.b", "at 10.b2", "at 10.c"]
        let split = try #require(LineSplit.filters(try page(lines.map { ("{\"a\":\"b\"}", $0) })))
        let pattern = "(?s)^at\\x{20}10\\x{2e}b"
        #expect(split.with == "|~ \(GoQuote.quote(pattern))")
        #expect(split.without == "!~ \(GoQuote.quote(pattern))")
        let regex = try Regex(pattern, anchored: false)
        #expect(lines.map { regex.matches($0) } == [false, true, true, false])
    }

    @Test("By where they end")
    func end() throws {
        let split = try #require(LineSplit.filters(try page([("{}", "ab"), ("{}", "ab"), ("{}", "abc")])))
        #expect(split.with.contains("ab") && (split.with.contains("\\\\z") || split.with.contains("abc")))
    }

    @Test("By a label, where the lines are the same")
    func labels() throws {
        let split = try #require(
            LineSplit.filters(try page([("{\"a\":\"b\",\"p\":\"1\"}", "x"), ("{\"a\":\"b\",\"p\":\"2\"}", "x")])))
        #expect(split.with == "| p=\"1\"" && split.without == "| p!=\"1\"")
    }

    @Test("Not at all, where they are alike in everything")
    func alike() throws {
        #expect(LineSplit.filters(try page([("{\"a\":\"b\"}", "x"), ("{\"a\":\"b\"}", "x")])) == nil)
        #expect(LineSplit.filters(LogPage()) == nil)
    }
}
