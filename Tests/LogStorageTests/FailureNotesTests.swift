import LogStorage
import Testing

@Suite("Failures that come back")
struct FailureNotesTests {
    @Test("are told when they begin, every ten minutes, and when they are over")
    func told() {
        var notes = FailureNotes()
        #expect((0..<1201).filter { notes.fail("a", at: 5000 + $0) } == [0, 600, 1200])
        let other = notes.fail("b", at: 5001)
        let over = notes.succeed("a")
        let still = notes.succeed("a")
        let anew = notes.fail("a", at: 6202)
        #expect(other && over && !still && anew)
    }

    @Test("are told when the clock was set back")
    func clock() {
        var notes = FailureNotes()
        let first = notes.fail("a", at: 5000)
        let second = notes.fail("a", at: 1000)
        #expect(first && second)
    }
}
