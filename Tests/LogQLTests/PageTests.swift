import LogQL
import MartletCore
import Testing

@Suite("Pages of log lines")
struct PageTests {
    /// Lines of which many have one time, in two streams, some equal but for their metadata.
    private func source(parts: Int = 1) -> MemorySource {
        var source = MemorySource(
            ["a", "b"].map { app in
                (
                    [("app", app)],
                    (0..<60).map { number in
                        MemorySource.Line(
                            seconds: Double(number / 20), text: "line \(number % 15) of \(app)",
                            metadata: Labels([("n", "\(number)")]))
                    }
                )
            })
        source.partCount = parts
        return source
    }

    private func pages(
        _ query: String, _ source: MemorySource, limit: Int, _ direction: LogSelection.Direction
    ) throws -> [[LogPage.Line]] {
        guard case .log(let log) = try QueryExpression(parsing: query) else { return [] }
        var pages: [[LogPage.Line]] = []
        var cursor: LogCursor?
        repeat {
            let page = try LogEngine(source).page(
                log, start: 0, end: 10_000_000_000, limit: limit, direction: direction, after: cursor,
                context: LogQueryContext())
            pages.append(page.lines)
            // What a client gives back is what it was given.
            cursor = try page.next.map { try #require(LogCursor(text: $0.text)) }
        } while cursor != nil && pages.count < 1000
        return pages
    }

    private func texts(_ lines: [LogPage.Line]) -> [String] {
        lines.map { "\($0.entry.timestamp) \(String(decoding: $0.entry.line, as: UTF8.self)) \($0.entry.metadata)" }
    }

    @Test(
        "have every line once, in the order of times, wherever they begin and end",
        arguments: [1, 2, 7, 20, 40, 119, 120, 500], [LogSelection.Direction.forward, .backward])
    func once(limit: Int, direction: LogSelection.Direction) throws {
        let pages = try pages(#"{app=~".+"}"#, source(), limit: limit, direction)
        let lines = pages.flatMap { $0 }
        #expect(lines.count == 120)
        #expect(Set(texts(lines)).count == 120)
        let times = lines.map(\.entry.timestamp)
        #expect(times == (direction == .forward ? times.sorted() : times.sorted(by: >)))
        #expect(pages.dropLast().allSatisfy { $0.count == limit })
    }

    @Test("have lines that the pipeline makes equal as often as they are there", arguments: [1, 3, 7, 50])
    func equalLines(limit: Int) throws {
        let query = #"{app=~".+"} | drop n | line_format "same""#
        let lines = try pages(query, source(), limit: limit, .backward).flatMap { $0 }
        #expect(lines.count == 120)
    }

    @Test("are the same however the lines are dealt to parts", arguments: [2, 3])
    func parts(parts: Int) throws {
        let query = #"{app=~".+"} |= "line""#
        let one = try pages(query, source(), limit: 7, .backward).map(texts)
        #expect(try pages(query, source(parts: parts), limit: 7, .backward).map(texts) == one)
    }

    @Test(
        "begin where nobody has been only with a cursor that was given",
        arguments: ["", "1", "2-0-0-1", "1-x-0-1", "1-0-0-0"])
    func badCursor(text: String) {
        #expect(LogCursor(text: text) == nil)
    }

    @Test("may lie before 1970")
    func early() throws {
        let cursor = try #require(LogCursor(text: "1-ffffffffffffffff-a-2"))
        #expect(cursor.time == -1)
        #expect(cursor.text == "1-ffffffffffffffff-a-2")
    }
}
