import MartletCore
import Peers
import Querying
import Testing

@Suite("What a tail remembers of the lines that it has shown")
struct ShownLinesTests {
    private static let second: Int64 = 1_000_000_000

    private func key(_ seconds: Int64, _ text: String = "x", app: String = "a") throws -> ShownLines.Key {
        let page = try LogPage(
            Array(
                """
                {"data":{"result":[{"stream":{"app":"\(app)"},"values":[["\(seconds * Self.second)","\(text)"]]}]}}
                """.utf8))
        return ShownLines.Key(page.streams[0], try #require(page.lines.first))
    }

    @Test("A line is known by its time, its stream and its text")
    func keys() throws {
        var shown = ShownLines(from: 0)
        shown.insert(try key(5))
        #expect(shown.contains(try key(5)))
        #expect(!shown.contains(try key(6)))
        #expect(!shown.contains(try key(5, "y")))
        #expect(!shown.contains(try key(5, app: "b")))
    }

    @Test("It goes on from a while before the latest line, for those that arrive late")
    func lateness() throws {
        var shown = ShownLines(from: 0)
        shown.insert(try key(1000))
        shown.complete(until: 2000 * Self.second)
        #expect(shown.resume == 970 * Self.second)
    }

    @Test("A line from the future does not make it leave out what comes before that")
    func future() throws {
        var shown = ShownLines(from: 0)
        shown.insert(try key(5000))
        shown.complete(until: 1000 * Self.second)
        #expect(shown.resume == 970 * Self.second)
    }

    @Test("Without a line it goes on from where it began")
    func nothing() {
        var shown = ShownLines(from: 7)
        shown.complete(until: 1000 * Self.second)
        #expect(shown.resume == 7)
    }

    @Test("It does not go back to lines that were not wanted")
    func limited() throws {
        var shown = ShownLines(from: 0)
        shown.insert(try key(1000))
        shown.forget(before: 990 * Self.second)
        shown.complete(until: 1000 * Self.second)
        #expect(shown.resume == 990 * Self.second)
    }

    @Test("Of many lines those are kept that may be told again")
    func bounded() throws {
        var shown = ShownLines(from: 0)
        for second in 0..<3000 as Range<Int64> {
            shown.insert(try key(second))
            shown.complete(until: second * Self.second)
        }
        #expect(!shown.contains(try key(0)))
        #expect(shown.contains(try key(2999)))
        #expect(shown.contains(try key(2970)))
    }
}
