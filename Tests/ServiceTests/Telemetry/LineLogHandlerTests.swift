import Logging
import Service
import Synchronization
import Testing

@Suite("Log lines")
struct LineLogHandlerTests {
    private func line(_ format: LogFormat, _ message: String, _ metadata: Logger.Metadata) -> String {
        let written = Mutex("")
        var logger = Logger(label: "part") { label in
            LineLogHandler(label: label, format: format, level: .info) { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                written.withLock { $0 += text }
            }
        }
        logger.logLevel = .info
        logger.warning("\(message)", metadata: metadata)
        logger.debug("not shown")
        return written.withLock { $0 }
    }

    @Test("logfmt: time, level, message, component, then the fields by name")
    func logfmt() {
        let text = line(.logfmt, "two words", ["b": "1", "a": "x=y"])
        #expect(text.hasPrefix("ts=20"))
        #expect(text.hasSuffix("Z level=warn msg=\"two words\" component=part a=\"x=y\" b=1\n"))
    }

    @Test("whatever a value holds, a line stays one line", arguments: [LogFormat.logfmt, .json])
    func escapes(format: LogFormat) {
        let text = line(format, "a\nb\"c\\d\u{1B}[31m\r\t\u{7F}", ["ke y=\n": "v\0"])
        #expect(text.filter { $0 == "\n" }.count == 1)
        #expect(text.contains("a\\nb\\\"c\\\\d\\u001b[31m\\r\\t\\u007f"))
        #expect(!text.contains("\u{1B}"))
    }

    @Test("JSON is one object per line")
    func json() {
        let text = line(.json, "hello", ["n": "1"])
        #expect(text.hasPrefix("{\"ts\":\"20"))
        #expect(text.hasSuffix("\",\"level\":\"warn\",\"msg\":\"hello\",\"component\":\"part\",\"n\":\"1\"}\n"))
    }

    @Test("a huge value is cut between characters")
    func huge() {
        let text = line(.logfmt, String(repeating: "é", count: 100_000), [:])
        #expect(text.utf8.count < 20_000)
        #expect(text.contains("…"))
    }
}
