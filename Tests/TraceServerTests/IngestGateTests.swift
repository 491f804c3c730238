import Testing
import TraceServer

@Suite("Ingest rate")
struct IngestGateTests {
    private let gate = IngestGate(IngestRate(bytesPerSecond: 100, burstBytes: 200, key: "k"))

    @Test("lets a burst pass, then the sustained rate, and says when to come back")
    func bucket() {
        #expect(gate.take(150, tenant: "a", now: 0) == nil)
        #expect(gate.take(100, tenant: "a", now: 0) == 1)
        #expect(gate.take(100, tenant: "b", now: 0) == nil)
        #expect(gate.take(100, tenant: "a", now: 1_000_000_000) == nil)
        #expect(gate.take(200, tenant: "a", now: 1_000_000_000) == 2)
    }

    @Test("lets a request larger than the bucket pass when the bucket is full, and makes the next wait")
    func large() {
        #expect(gate.take(1000, tenant: "a", now: 0) == nil)
        #expect(gate.take(1, tenant: "a", now: 0) == 9)
        #expect(gate.take(1, tenant: "a", now: 9_000_000_000) == nil)
    }

    @Test("does not stumble over a clock that goes back")
    func clock() {
        #expect(gate.take(200, tenant: "a", now: 5_000_000_000) == nil)
        #expect(gate.take(100, tenant: "a", now: 1_000_000_000) == 1)
    }
}
