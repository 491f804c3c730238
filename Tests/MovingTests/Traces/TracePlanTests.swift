import Moving
import Testing

@Suite("A plan of searches for traces")
struct TracePlanTests {
    /// Every second that is done with, and the limit that it was searched with.
    private func run(_ plan: inout TracePlan, _ perSecond: (Int64) -> Int, most: Int = .max) -> [(Int64, Int)] {
        var done: [(Int64, Int)] = []
        while let search = plan.search {
            if search.limit > most {
                plan.allow(most)
                continue
            }
            let count = min(search.limit, (search.from..<search.until).reduce(0) { $0 + perSecond($1) })
            if plan.read(count) { done += (search.from..<search.until).map { ($0, search.limit) } }
        }
        return done
    }

    @Test("Ranges whose answer is full are parted until none is")
    func parted() {
        var plan = TracePlan(from: 0, until: 5000, limit: 100)
        let done = run(&plan) { $0 % 700 == 0 ? 90 : 3 }
        #expect(done.map(\.0) == Array(0..<5000))
        #expect(done.allSatisfy { $0.1 == 100 })
    }

    @Test("A single second with many traces gets a larger limit, as far as the server has it")
    func crowded() {
        var plan = TracePlan(from: 0, until: 20, limit: 100)
        #expect(run(&plan) { $0 == 7 ? 1000 : 1 }.first { $0.0 == 7 }?.1 == 1600)
        plan = TracePlan(from: 0, until: 20, limit: 100)
        let done = run(&plan, { $0 == 7 ? 1000 : 1 }, most: 500)
        #expect(done.map(\.0) == Array(0..<20))
        #expect(done.first { $0.0 == 7 }?.1 == 500)
    }
}
