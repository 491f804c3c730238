import Alerting
import Durable
import Testing

@Suite("State on disk")
struct StateLogTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("statelog") }

    private func open(_ magic: String = "test 1") throws -> StateLog {
        try StateLog(directory.file("log"), magic: magic, sync: .always)
    }

    private func text(_ log: StateLog) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: log.entries.map {
                (String(decoding: $0.key, as: UTF8.self), String(decoding: $0.value, as: UTF8.self))
            })
    }

    private func put(_ log: StateLog, _ key: String, _ value: String?) throws {
        try log.update([(key: Array(key.utf8), value: value.map { Array($0.utf8) })])
    }

    @Test("comes back with its last values, also without a clean end")
    func reopen() throws {
        do {
            let log = try open()
            try put(log, "a", "1")
            try put(log, "b", "2")
            try put(log, "a", "3")
            try put(log, "b", nil)
        }
        #expect(text(try open()) == ["a": "3"])
        #expect(text(try open()) == ["a": "3"])
    }

    @Test("stays small however often it changes")
    func compaction() throws {
        do {
            let log = try open()
            for round in 0..<3000 { try put(log, "k\(round % 10)", "\(round)") }
        }
        let log = try open()
        #expect(text(log).count == 10)
        #expect(text(log)["k9"] == "2999")
        #expect(try RecordLog(directory.file("log")).segments().count == 1)
    }

    @Test("of another kind is refused")
    func magic() throws {
        try put(try open(), "a", "1")
        #expect(throws: DurableError.self) { try open("test 2") }
        #expect(text(try open()) == ["a": "1"])
    }
}
