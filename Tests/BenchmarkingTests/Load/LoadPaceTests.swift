import Benchmarking
import Testing

@Suite("Pace of a load")
struct LoadPaceTests {
    @Test("At full speed every push is due at once")
    func fullSpeed() {
        #expect(LoadPace(connections: 2).due(1_000_000, itemsPerPush: 500) == .zero)
    }

    @Test("At a rate pushes are due when that many items should have been sent")
    func rate() {
        let pace = LoadPace(connections: 2, rate: 1000)
        #expect(pace.due(0, itemsPerPush: 500) == .zero)
        #expect(pace.due(3, itemsPerPush: 500) == .milliseconds(1500))
    }

    @Test("Times are spread evenly, ascend, and stay within their range")
    func times() {
        let spread = TimeSpread(start: 1_000, length: 900, count: 9)
        #expect((0..<9).map { spread.time(of: $0) } == (10..<19).map { $0 * 100 })
    }
}
