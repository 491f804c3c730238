import MartletCore
import Testing

@Suite("Lock and MemoryBudget")
struct LockTests {
    private struct Refusal: Error {}

    @Test("a lock lets one task in at a time")
    func exclusion() async {
        let lock = Lock(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<2000 { lock.withLock { $0 += 1 } } }
            }
        }
        #expect(lock.withLock { $0 } == 16_000)
    }

    @Test("a lock is free again after an error")
    func release() {
        let lock = Lock([1])
        #expect(throws: Refusal.self) { try lock.withLock { _ in throw Refusal() } }
        #expect(lock.withLock { $0.count } == 1)
    }

    @Test("a budget never gives more than its limit")
    func budget() async {
        let budget = MemoryBudget(limitBytes: 1000)
        let granted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<100).reduce(0) { sum, _ in sum + (budget.reserve(7) ? 7 : 0) } }
            }
            return await group.reduce(0, +)
        }
        #expect(granted == 994)
        #expect(budget.used == 994)
        #expect(budget.headroom == 6)
        #expect(!budget.reserve(7))
        #expect(budget.reserve(6))
        budget.charge(500)
        #expect(budget.headroom == 0)
        #expect(!budget.reserve(Int.max))
        budget.release(1500)
        #expect(budget.used == 0)
        #expect(!budget.reserve(1001))
    }

    @Test("what the process has beyond what is reserved counts too, up to half of the limit")
    func observed() {
        let budget = MemoryBudget(limitBytes: 1000)
        #expect(budget.reserve(300))
        budget.observe(resident: 500)
        #expect(budget.used == 500)
        #expect(budget.headroom == 500)
        #expect(!budget.reserve(501))
        #expect(budget.reserve(400))
        // What was reserved meanwhile may be what is there.
        budget.observe(resident: 750)
        #expect(budget.unreserved == 50)
        budget.observe(resident: 100)
        #expect(budget.used == 700)
        budget.release(700)
        budget.observe(resident: 5000)
        #expect(budget.used == 500)
        #expect(budget.reserve(500))
    }
}
