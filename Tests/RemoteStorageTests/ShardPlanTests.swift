import RemoteStorage
import Testing

@Suite("How many shards a queue has")
struct ShardPlanTests {
    /// Ten seconds in which `read` samples came and `sent` left, each of which took `cost`.
    private func counts(read: Int, sent: Int, cost: Duration) -> ShardPlan.Counts {
        .init(read: read, sent: sent, sending: cost * sent)
    }

    @Test("as many as keep up with what comes in")
    func keepsUp() {
        var plan = ShardPlan(minimum: 1, maximum: 50)
        // 1000 samples a second, each 4 ms: four shards are busy all the time.
        plan.look(counts(read: 10_000, sent: 10_000, cost: .milliseconds(4)), delay: 0, isMoving: true)
        #expect(plan.shards == 4)
    }

    @Test("more when it is behind, and not fewer until it has caught up")
    func behind() {
        var plan = ShardPlan(minimum: 1, maximum: 50)
        plan.look(counts(read: 10_000, sent: 10_000, cost: .milliseconds(4)), delay: 60, isMoving: true)
        #expect(plan.shards == 16)
        plan.look(counts(read: 10_000, sent: 10_000, cost: .milliseconds(1)), delay: 20, isMoving: true)
        #expect(plan.shards == 16)
        for _ in 0..<20 {
            plan.look(counts(read: 10_000, sent: 10_000, cost: .milliseconds(1)), delay: 0, isMoving: true)
        }
        #expect(plan.shards == 2)
    }

    @Test("within its bounds, unmoved by small changes, by silence and by a receiver that is down")
    func steady() {
        var plan = ShardPlan(minimum: 2, maximum: 3)
        #expect(plan.shards == 2)
        plan.look(counts(read: 0, sent: 0, cost: .zero), delay: 0, isMoving: false)
        #expect(plan.shards == 2)
        plan.look(counts(read: 100_000, sent: 100_000, cost: .milliseconds(4)), delay: 0, isMoving: false)
        #expect(plan.shards == 2)
        plan.look(counts(read: 100_000, sent: 100_000, cost: .milliseconds(4)), delay: 0, isMoving: true)
        #expect(plan.shards == 3)
    }
}
