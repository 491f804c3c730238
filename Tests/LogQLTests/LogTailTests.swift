import LogQL
import MartletCore
import Testing

@Suite("A tail")
struct LogTailTests {
    private func tail(_ query: String) throws -> LogTail {
        guard case .log(let log) = try QueryExpression(parsing: query) else {
            throw LogQueryError(.badQuery, "no log query")
        }
        return try LogTail(log)
    }

    @Test("gives the lines that pass, as the query leaves them")
    func lines() throws {
        var tail = try tail(#"{app="a"} |= "x" | logfmt | n > 1 | line_format "{{.n}}!""#)
        let isWanted = tail.begin(stream: Labels([("app", "a"), ("env", "p")]))
        #expect(isWanted)
        func process(_ line: String) -> String? {
            Bytes.of(line) { line in
                Labels([("t", "1")]).bytes.withUnsafeBytes { metadata in
                    tail.process(timestamp: 5, line: line, metadata: metadata)
                }
            }.map {
                "\($0.labels) \(String(decoding: $0.entries[0].line, as: UTF8.self)) \($0.entries[0].metadata) \($0.entries[0].parsed)"
            }
        }
        #expect(process("x=1 n=2") == #"{app="a", env="p"} 2! {t="1"} {n="2", x="1"}"#)
        #expect(process("x=1 n=1") == nil)
        #expect(process("n=2") == nil)
    }

    @Test("passes over streams that it is not about")
    func streams() throws {
        var tail = try tail(#"{app="a", env=~"p.*"}"#)
        let wanted = [("b", "p"), ("a", "prod"), ("a", "x")].map { app, env in
            tail.begin(stream: Labels([("app", app), ("env", env)]))
        }
        #expect(wanted == [false, true, false])
    }
}
