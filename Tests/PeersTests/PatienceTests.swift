import MartletCore
import Peers
import Service
import Testing

@Suite("Patience with a server")
struct PatienceTests {
    @Test("Waits longer each time, as the server asks, says so once, and ends")
    func ends() async throws {
        let waits = Lock<[Duration]>([])
        let notes = Lock<[String]>([])
        var patience = Patience(
            limit: .seconds(3600), sleep: { wait in waits.withLock { $0.append(wait) } },
            note: { note in notes.withLock { $0.append(note) } })
        for _ in 0..<6 { try await patience.wait("down") }
        try await patience.wait("busy", after: .seconds(77))
        let waited = waits.withLock { $0 }
        #expect(waited.count == 7 && waited[0] < .seconds(1) && waited[5] > waited[0] && waited[6] >= .seconds(77))
        #expect(notes.withLock { $0 } == ["down"])
        patience.succeed()
        try await patience.wait("down")
        #expect((waits.withLock { $0.last } ?? .zero) < .seconds(1))
        var none = Patience(limit: .zero, sleep: { _ in })
        await #expect(throws: ToolError.self) { try await none.wait("down") }
    }
}
