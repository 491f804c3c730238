import Dashboards
import MartletCore
import Testing

@Suite("Work that several wait for")
struct SharedWorkTests {
    private let shared = SharedWork<String, String>()
    private let begun = Lock(0)
    private let ended = Lock<[Bool]>([])

    /// Asks, in a task; the work goes on until it is cancelled or the gate is open.
    private func ask(_ gate: Lock<Bool>) -> Task<String, Never> {
        Task {
            await shared.result(for: "a") {
                let number = begun.withLock { begun in
                    begun += 1
                    return begun
                }
                while !gate.withLock({ $0 }), !Task.isCancelled { await Task.yield() }
                ended.withLock { $0.append(Task.isCancelled) }
                return "answer \(number)"
            }
        }
    }

    private func until(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }

    @Test("is done once, and anew for those who come later")
    func once() async {
        let gate = Lock(false)
        let asking = [ask(gate), ask(gate), ask(gate)]
        await until { shared.waiting(for: "a") == 3 }
        gate.withLock { $0 = true }
        for one in asking { #expect(await one.value == "answer 1") }
        #expect(shared.waiting(for: "a") == 0)
        #expect(await ask(gate).value == "answer 2")
    }

    @Test("goes on when one of them leaves, and is cancelled when the last does")
    func leaving() async {
        let gate = Lock(false)
        let (first, second) = (ask(gate), ask(gate))
        await until { shared.waiting(for: "a") == 2 }
        first.cancel()
        await until { shared.waiting(for: "a") == 1 }
        #expect(ended.withLock { $0 } == [])
        second.cancel()
        _ = await (first.value, second.value)
        #expect(ended.withLock { $0 } == [true])
        gate.withLock { $0 = true }
        #expect(await ask(gate).value == "answer 2")
        #expect(ended.withLock { $0 } == [true, false])
    }
}
