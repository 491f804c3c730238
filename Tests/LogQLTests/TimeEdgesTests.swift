import LogQL
import Testing

@Suite("Edges in time")
struct TimeEdgesTests {
    @Test("belong to the interval before them")
    func intervals() {
        let edges = TimeEdges([20, 10, 20])
        #expect(edges.times == [10, 20])
        #expect([Int64.min, 9, 10, 11, 20, 21, .max].map { edges.interval(of: $0) } == [0, 0, 0, 1, 1, 2, 2])
    }

    @Test("cut rising times into the runs that a look at each time gives", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func runs(seed: UInt64) {
        var random = WindowPropertyTests.Generator(state: seed)
        for _ in 0..<50 {
            let times = (0..<random.next(80)).map { _ in Int64(random.next(100)) }.sorted()
            let edges = TimeEdges((0..<random.next(12)).map { _ in Int64(random.next(100)) })
            let first = random.next(times.count + 1)
            let range = first..<(first + random.next(times.count - first + 1))
            var found: [Int: Range<Int>] = [:]
            times.withUnsafeBufferPointer { times in
                edges.forEachInterval(of: times, range) { found[$0] = $1 }
            }
            let expected = Dictionary(grouping: range) { edges.interval(of: times[$0]) }
            #expect(found == expected.mapValues { $0[0]..<($0[0] + $0.count) })
        }
    }
}
