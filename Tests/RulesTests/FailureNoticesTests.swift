import Rules
import Testing

@Suite("What the log is told of a rule that fails")
struct FailureNoticesTests {
    private let start = ContinuousClock.now

    /// The notices of evaluations at seconds after the start.
    private func notices(_ evaluations: [(second: Double, error: String?)]) -> [FailureNotices.Notice] {
        var notices = FailureNotices()
        return evaluations.compactMap { notices.note($0.error, at: start + .seconds($0.second)) }
    }

    @Test("nothing of one that works")
    func works() { #expect(notices([(0, nil), (1, nil), (100, nil)]).isEmpty) }

    @Test("when it begins to fail, and when it works again, with the number of failures")
    func ends() {
        #expect(
            notices([(0, nil), (1, "a"), (2, "a"), (3, "a"), (4, nil), (5, nil)])
                == [.fails(error: "a", count: 1), .works(count: 3)])
    }

    @Test("when its error changes")
    func changes() {
        #expect(
            notices([(0, "a"), (1, "a"), (2, "b"), (3, "b")])
                == [.fails(error: "a", count: 1), .fails(error: "b", count: 3)])
    }

    @Test("once a minute while it fails in the same way")
    func reminds() {
        let found = notices((0..<1500).map { (second: Double($0) / 10, error: "a") })
        #expect(
            found == [.fails(error: "a", count: 1), .fails(error: "a", count: 601), .fails(error: "a", count: 1201)])
    }

    @Test("five lines a minute where every error is another, the last of them with the first of the next minute")
    func everNew() {
        let found = notices((0...600).map { (second: Double($0) / 10, error: "error \($0)") })
        #expect(found.count == 6)
        #expect(found.last == .fails(error: "error 600", count: 601))
    }

    @Test("that it works again at last, where failure and success alternated too often to be told of each")
    func alternating() {
        var evaluations = (0..<100).map { (second: Double($0) / 10, error: $0 % 2 == 0 ? "a" : nil) }
        evaluations += [(70, nil), (71, nil)]
        let found = notices(evaluations)
        #expect(found.count == 6)
        #expect(found.last == .works(count: 48))
    }

    @Test("a failure long after the last one at once")
    func again() {
        #expect(
            notices([(0, "a"), (1, nil), (3600, "a")])
                == [.fails(error: "a", count: 1), .works(count: 1), .fails(error: "a", count: 1)])
    }
}
