import MartletCore
import Querying
import Testing

@Suite("Silences as they are made and shown")
struct SilenceDocumentTests {
    @Test("A new one has its matchers in the API's form, which are shown as they were typed")
    func new() throws {
        let texts = ["a=\"b\"", "c!=\"d\"", "e=~\"f|g\"", "h!~\"i\""]
        let document = SilenceDocument.new(
            try AlertFilter.matchers(texts), 1_700_000_000_000_000_000..<1_700_000_060_000_000_000, author: "me",
            comment: "why")
        #expect(SilenceDocument.matchers(document) == texts.joined(separator: " "))
        #expect(document["startsAt"] == "2023-11-14T22:13:20Z")
        #expect(document["endsAt"] == "2023-11-14T22:14:20Z")
        #expect(document["createdBy"] == "me" && document["comment"] == "why")
    }

    @Test("Those that have ended are shown when asked for")
    func table() throws {
        let body = Array(
            """
            [{"id":"late","status":{"state":"active"},"endsAt":"2026-11-03T12:00:00.000Z","createdBy":"a","comment":"c",
            "matchers":[{"name":"x","value":"y","isRegex":false}]},
            {"id":"gone","status":{"state":"expired"},"endsAt":"2026-11-03T11:00:00.000Z","matchers":[]}]
            """.utf8)
        let lines = try SilenceDocument.lines(body, expired: false)
        try #require(lines.count == 2)
        #expect(lines[1].split(separator: " ") == ["late", "active", "2026-11-03T12:00:00Z", "x=\"y\"", "a", "c"])
        #expect(try SilenceDocument.lines(body, expired: true).count == 3)
        #expect(try SilenceDocument.lines(Array("[]".utf8), expired: true).isEmpty)
    }
}
