import Benchmarking
import Testing

@Suite("Expectation")
struct ExpectationTests {
    @Test("A known number must be met")
    func exactly() {
        #expect(Expectation.exactly(5).judge(5, "lines") == .right)
        #expect(Expectation.exactly(5).judge(4, "lines") == .wrong(got: "4 lines", expected: "5"))
    }

    @Test("What was sent and not acknowledged may be there or not")
    func between() {
        let expected = Expectation.between(10, 12)
        #expect(expected.judge(11, "spans") == .right)
        #expect(expected.judge(9, "spans") == .wrong(got: "9 spans", expected: "10 to 12"))
        #expect(expected.judge(13, "spans") != .right)
        #expect(expected.limited(to: 11).judge(11, "spans") == .right)
        #expect(expected.limited(to: 11).judge(12, "spans") != .right)
    }

    @Test("Sums may differ in their last digits")
    func about() {
        #expect(Expectation.about(1e9).judge(1e9 + 0.1, "bytes") == .right)
        #expect(Expectation.about(1e9).judge(1e9 + 10, "bytes") != .right)
    }

    @Test("What is no number is wrong")
    func notANumber() {
        #expect(Expectation.exactly(0).judge(.nan, "lines") != .right)
    }
}
