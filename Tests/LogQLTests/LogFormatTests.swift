import LogQL
import MartletCore
import Testing

@Suite("Log formats of the field")
struct LogFormatTests {
    @Test(
        "are taken apart by the parsers",
        arguments: [
            (
                "python-json-logger",
                #"{"level": "info", "msg": "Processing checkout", "trace_id": "abc123", "user_id": "user_1", "amount": 99.99}"#,
                #"| json | amount > 50 | level="info" | line_format "{{.user_id}} {{.msg}}""#,
                "user_1 Processing checkout"
            ),
            (
                "zap",
                #"{"level":"warn","ts":1767268800.5,"caller":"pay/main.go:42","msg":"slow","took":"1.5s","req":{"id":"r1"}}"#,
                #"| json | took > 1s | line_format "{{.req_id}} {{.caller}}""#, "r1 pay/main.go:42"
            ),
            (
                "Serilog, compact",
                #"{"@t":"2026-01-01T12:00:00.1Z","@mt":"Checking {UserId}","@l":"Error","UserId":"u1"}"#,
                #"| json | _l="Error" | line_format "{{._mt}} {{.UserId}}""#, "Checking {UserId} u1"
            ),
            (
                "Pino",
                #"{"level":50,"time":1767268800123,"pid":1,"msg":"Stock check","quantity":5}"#,
                #"| json | level >= 50 | line_format "{{ unixToTime .time | date \"15:04:05.000\" }} {{.msg}}""#,
                "12:00:00.123 Stock check"
            ),
            (
                "date - logger - LEVEL - message", "2026-01-01 12:00:00,123 - app.db - WARNING - pool - nearly empty",
                #"| pattern "<time> - <logger> - <level> - <message>" | level="WARNING" | line_format "{{.logger}}: {{.message}}""#,
                "app.db: pool - nearly empty"
            ),
        ])
    func formats(name: String, line: String, stages: String, expected: String) throws {
        let source = MemorySource([([("app", "a")], [.init(seconds: 1, text: line)])])
        let found = try source.logs("{app=\"a\"} \(stages) | keep app")
        #expect(found == [#"{app="a"} 1 "# + expected], "\(name)")
    }
}
