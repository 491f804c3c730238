import MartletCore
import Testing

@Suite("A time limit")
struct TimeLimitTests {
    private struct Failure: Error {}

    @Test("gives what the operation gives, or throws")
    func ends() async throws {
        #expect(try await withTimeLimit(.seconds(3600)) { 7 } == 7)
        await #expect(throws: Failure.self) { try await withTimeLimit(.seconds(3600)) { () -> Int in throw Failure() } }
    }

    @Test("cancels what lasts longer")
    func lasts() async {
        await #expect(throws: TimedOut.self) {
            try await withTimeLimit(.zero) { try await Task.sleep(for: .seconds(3600)) }
        }
    }
}
