import MartletCore
import Service
import Testing

@Suite("Work one after another")
struct TaskQueueTests {
    private struct Failure: Error {}

    @Test("no piece begins before the one that came before it has ended, also when that fails")
    func order() async throws {
        let queue = TaskQueue()
        let seen = Lock<[String]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<5 {
                group.addTask {
                    try? await queue.run {
                        seen.withLock { $0.append("begin") }
                        try? await Task.sleep(for: .milliseconds(2))
                        seen.withLock { $0.append("end") }
                        if number == 2 { throw Failure() }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(seen.withLock { $0 } == (0..<5).flatMap { _ in ["begin", "end"] })
        await #expect(throws: Failure.self) { try await queue.run { throw Failure() } }
        #expect(try await queue.run { 7 } == 7)
    }
}
