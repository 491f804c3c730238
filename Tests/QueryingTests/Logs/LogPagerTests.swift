import MartletCore
import Peers
import Querying
import Testing

@Suite("Lines are paged through without loss and without repetition")
struct LogPagerTests {
    /// A server with some lines, all in one stream.
    private struct Server {
        let lines: [(time: Int64, text: String)]

        func answer(_ question: LogPager.Question, _ direction: LogPager.Direction) throws -> LogPage {
            var found = lines.filter { $0.time >= question.start && $0.time < question.end }
            found.sort { direction == .forward ? $0.time < $1.time : $0.time > $1.time }
            let values = found.prefix(question.limit).map { "[\"\($0.time)\",\"\($0.text)\"]" }
            return try LogPage(
                Array(
                    """
                    {"data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[\(values.joined(separator: ","))]}]}}
                    """.utf8))
        }
    }

    private func all(
        _ server: Server, _ direction: LogPager.Direction, limit: Int, batch: Int
    ) throws -> (lines: [String], questions: [LogPager.Question]) {
        var pager = LogPager(range: 0..<1000, direction: direction, limit: limit, batch: batch)
        var lines: [String] = []
        var questions: [LogPager.Question] = []
        while let question = pager.next {
            questions.append(question)
            try #require(questions.count < 1000)
            lines += pager.take(try server.answer(question, direction)).map { String(decoding: $0.text, as: UTF8.self) }
        }
        return (lines, questions)
    }

    @Test("For every length of a page, both ways, where many lines have one time", arguments: 1...12)
    func everything(_ batch: Int) throws {
        var lines: [(Int64, String)] = []
        for time in 0..<9 as Range<Int64> {
            // Some lines are the same in all.
            for line in 0...(time % 4) { lines.append((time, "\(time)-\(line / 2)")) }
        }
        let server = Server(lines: lines)
        #expect(try all(server, .forward, limit: .max, batch: batch).lines.sorted() == lines.map(\.1).sorted())
        let backward = try all(server, .backward, limit: .max, batch: batch).lines
        #expect(backward.sorted() == lines.map(\.1).sorted())
        #expect(backward.map { $0.prefix(1) } == backward.map { $0.prefix(1) }.sorted(by: >))
    }

    @Test("No more is asked for than is wanted")
    func limit() throws {
        let server = Server(lines: (0..<100).map { ($0, "\($0)") })
        let (lines, questions) = try all(server, .forward, limit: 25, batch: 10)
        #expect(lines == (0..<25).map { "\($0)" })
        #expect(questions.map(\.limit) == [10, 11, 6])
        #expect(questions.map(\.start) == [0, 9, 19])
        #expect(try all(server, .backward, limit: 3, batch: 10).lines == ["99", "98", "97"])
    }

    @Test("A server that gives the same again and again ends it")
    func stubborn() throws {
        var pager = LogPager(range: 0..<9, direction: .forward, limit: .max, batch: 2)
        let page = try Server(lines: [(5, "x"), (6, "y")]).answer(try #require(pager.next), .forward)
        var count = 0
        while pager.next != nil, count < 10 {
            _ = pager.take(page)
            count += 1
        }
        #expect(count < 10)
    }
}
