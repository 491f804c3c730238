import MartletCore
import Querying
import Service
import Testing

@Suite("Alerts as they are asked for and shown")
struct AlertTableTests {
    @Test("Matchers are read as amtool reads them, and a name alone is an alert's")
    func matchers() throws {
        let found = try AlertFilter.matchers(["Down", "team=db", "severity=~\"page|warn\"", "{a!=\"b\",c!~\"d\"}"])
        #expect(
            found.map(\.description) == [
                "alertname=\"Down\"", "team=\"db\"", "severity=~\"page|warn\"", "a!=\"b\"", "c!~\"d\"",
            ])
        #expect(throws: UsageError.self) { try AlertFilter.matchers(["=x"]) }
        #expect(throws: UsageError.self) { try AlertFilter.matchers(["a=~\"(\""]) }
    }

    @Test("The latest comes first, with why it is quiet")
    func table() throws {
        let lines = try AlertTable.lines(
            Array(
                """
                [{"labels":{"alertname":"Old","team":"db"},"annotations":{"summary":"it\\nhappened"},
                "startsAt":"2026-11-03T10:00:00.000Z","status":{"state":"active","silencedBy":[],"inhibitedBy":[]}},
                {"labels":{"alertname":"New"},"annotations":{"description":"more"},
                "startsAt":"2026-11-03T12:30:00+01:00","status":{"state":"suppressed","silencedBy":["x"],"inhibitedBy":[]}}]
                """.utf8))
        try #require(lines.count == 3)
        #expect(lines[1].split(separator: " ") == ["New", "2026-11-03T11:30:00Z", "silenced", "{}", "more"])
        #expect(
            lines[2].split(separator: " ") == [
                "Old", "2026-11-03T10:00:00Z", "active", "{team=\"db\"}", "it", "happened",
            ])
        #expect(try AlertTable.lines(Array("[]".utf8)).isEmpty)
    }
}
