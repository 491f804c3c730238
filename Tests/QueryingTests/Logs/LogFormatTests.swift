import MartletCore
import Querying
import Testing

@Suite("Lines as they are shown")
struct LogFormatTests {
    private let labels = Labels([("app", "shop"), ("b", "\"")])

    private func text(_ format: LogFormat, _ labels: Labels?) -> String {
        String(decoding: format.line(1_700_000_000_000_000_005, labels, Array("a \"b\"\t".utf8)), as: UTF8.self)
    }

    @Test("Time, labels and text")
    func standard() {
        #expect(
            text(.default, labels)
                == "2023-11-14T22:13:20.000000005Z {app=\"shop\", b=\"\\\"\"} a \"b\"\t")
        #expect(text(.default, nil) == "2023-11-14T22:13:20.000000005Z a \"b\"\t")
    }

    @Test("The text alone")
    func raw() { #expect(text(.raw, labels) == "a \"b\"\t") }

    @Test("An object")
    func jsonl() throws {
        let document = try JSONValue(parsing: text(.jsonl, labels))
        #expect(document["labels"]?["b"] == "\"")
        #expect(document["line"] == "a \"b\"\t")
        #expect(document["timestamp"] == "2023-11-14T22:13:20.000000005Z")
        #expect(try JSONValue(parsing: text(.jsonl, nil))["labels"] == nil)
    }
}
