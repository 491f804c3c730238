import MartletCore
import Peers
import Querying
import Testing

@Suite("Messages of a tail")
struct TailMessageTests {
    @Test("Lines stand under their streams")
    func lines() throws {
        let message = try TailMessage(
            Array("{\"streams\":[{\"stream\":{\"app\":\"a\"},\"values\":[[\"7\",\"one\"],[\"8\",\"two\"]]}]}".utf8))
        #expect(message.page.lines.map { String(decoding: $0.text, as: UTF8.self) } == ["one", "two"])
        #expect(message.page.lines.map(\.timestamp) == [7, 8])
        #expect(message.page.streams == [Labels([("app", "a")])])
        #expect(message.warning == nil)
    }

    @Test(
        "Dropped lines are told of, with a time in nanoseconds or in RFC 3339",
        arguments: ["\"1700000000000000000\"", "\"2023-11-14T22:13:20Z\""])
    func dropped(_ time: String) throws {
        let message = try TailMessage(
            Array("{\"streams\":null,\"dropped_entries\":[{\"labels\":{\"app\":\"a\"},\"timestamp\":\(time)}]}".utf8))
        #expect(message.page.lines.isEmpty)
        #expect(message.warning?.hasSuffix("such as of {app=\"a\"} at 2023-11-14T22:13:20Z") == true)
    }

    @Test("What is no message is an error", arguments: ["", "[]", "{\"streams\":[{\"values\":[[]]}]}"])
    func unreadable(_ text: String) {
        #expect(throws: (any Error).self) { try TailMessage(Array(text.utf8)) }
    }
}
