import Supervision
import Testing

@Suite("Backoff")
struct BackoffTests {
    @Test("doubles to half a minute and starts over after a good minute")
    func doubles() {
        var backoff = Backoff()
        let waits = (0..<9).map { _ in backoff.next(after: .seconds(1)) }
        #expect(
            waits == [
                .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16), .seconds(30),
                .seconds(30), .seconds(30),
            ])
        #expect(backoff.next(after: .seconds(60)) == .milliseconds(500))
    }
}
