import Collection
import Durable
import Testing

@Suite("Promtail's positions are taken over")
struct PromtailPositionsTests {
    @Test("line by line, the journal's cursors left out")
    func pairs() {
        let text =
            "positions:\n  cursor-x: \"s=abc;i=1\"\n  /var/log/a b.log: \"12\"\n  \"/var/log/c:d\": \"7\"\n  /bad: \"x\"\n"
        let pairs = PromtailPositions.pairs(Array(text.utf8))
        #expect(pairs.map(\.path) == ["/var/log/a b.log", "/var/log/c:d"])
        #expect(pairs.map(\.offset) == [12, 7])
    }

    @Test("only for files that are still there and long enough")
    func decode() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.log", "one\ntwo\n")
        let text = "positions:\n  \(directory.path)/a.log: \"4\"\n  \(directory.path)/gone.log: \"4\"\n"
        #expect(PromtailPositions.decode(Array(text.utf8)).map(\.offset) == [4])
        let beyond = "positions:\n  \(directory.path)/a.log: \"400\"\n"
        #expect(PromtailPositions.decode(Array(beyond.utf8)).isEmpty)
    }
}
