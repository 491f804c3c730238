import Durable
import Moving
import Testing

/// A log with Loki's paging: at most so many lines an answer, oldest first, the end not included.
private struct Log {
    var times: [Int64]

    func page(_ from: Int64, _ until: Int64, _ limit: Int) -> [Int64] {
        Array(times.filter { $0 >= from && $0 < until }.sorted().prefix(limit))
    }

    /// Reads everything as a plan says.
    func read(_ plan: inout PagePlan, most: Int = .max, fail: (Int) -> Bool = { _ in false }) -> [Int64] {
        var read: [Int64] = []
        var asked = 0
        while let step = plan.step {
            asked += 1
            switch step {
            case .page(let from, let until, let limit):
                if limit > most {
                    plan.allow(most)
                    continue
                }
                if fail(asked) {
                    _ = plan.shrink()
                    continue
                }
                let page = page(from, until, limit)
                let whole = plan.read(count: page.count, last: page.last)
                read += page.filter { $0 < whole }
            case .moment(let time):
                read += times.filter { $0 == time }
                plan.readMoment()
            }
        }
        return read
    }
}

@Suite("A plan of pages")
struct PagePlanTests {
    private static let hour: Int64 = 3_600_000_000_000

    @Test("Every line is read once, whatever stands at the edges of pages", arguments: 0..<40)
    func complete(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var times: [Int64] = []
        var time: Int64 = 1_000
        for _ in 0..<Int.random(in: 0...400, using: &random) {
            // Crowds, lines close together, and hours without any.
            time += [0, 0, 0, 1, 1, 7, 1_000_000, Self.hour / 3, Self.hour * 7].randomElement(using: &random) ?? 0
            times.append(time)
        }
        let log = Log(times: times)
        var plan = PagePlan(from: 0, until: time + 1, limit: Int.random(in: 1...60, using: &random))
        #expect(log.read(&plan) == times)
        #expect(plan.next == time + 1)
    }

    @Test("A server that fails now and then, and one with a lower limit, cost no line")
    func failures() {
        let times = (0..<3000).map { Int64($0 / 7) * 1_000_000_000 }
        var plan = PagePlan(from: 0, until: 1_000_000_000_000, limit: 500)
        #expect(Log(times: times).read(&plan, most: 90) { $0 % 3 == 0 } == times)
        #expect(plan.pageLimit == 90)
    }

    @Test("The end is not included, and what lies before the begin is left out")
    func bounds() {
        var plan = PagePlan(from: 10, until: 20, limit: 5)
        #expect(Log(times: [9, 10, 15, 19, 20]).read(&plan) == [10, 15, 19])
    }

    @Test("A nanosecond with more lines than a page has room for is a step of its own")
    func moment() {
        var plan = PagePlan(from: 0, until: 100, limit: 4)
        #expect(plan.read(count: 4, last: 3) == 3)
        #expect(plan.step == .page(from: 3, until: 100, limit: 4))
        #expect(plan.read(count: 4, last: 3) == 3)
        #expect(plan.step == .moment(3))
        plan.readMoment()
        #expect(plan.step == .page(from: 4, until: 100, limit: 4))
    }

    @Test("What cannot be asked for with fewer lines any more is said")
    func shrink() {
        var plan = PagePlan(from: 0, until: Self.hour, limit: 3)
        var times = 0
        while plan.shrink() { times += 1 }
        #expect((3..<40).contains(times))
        #expect(plan.step == .page(from: 0, until: 1_000_000, limit: 1))
    }
}
