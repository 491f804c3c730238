import MartletCore
import Moving
import Testing
import Wire

@Suite("Spans are counted")
struct SpanCountTests {
    private func trace(_ starts: [UInt64]) -> [UInt8] {
        var writer = ProtoWriter()
        for start in starts {
            writer.message(1) { resource in
                resource.message(1) { $0.message(1) { $0.string(1, "service.name") } }
                resource.message(2) { scope in
                    scope.message(2) { span in
                        span.bytes(1, Array(repeating: 1, count: 16))
                        span.string(5, "name")
                        span.fixed64(7, start)
                    }
                }
            }
        }
        return writer.bytes
    }

    @Test("In total, and by the day on which they begin; midnight is of the day before")
    func days() throws {
        let day: UInt64 = 86_400_000_000_000
        var count = try SpanCount(trace([day + 1, 2 * day, 2 * day + 5]), in: 0..<Int64.max)
        #expect(count.total == 3 && count.days == [1: 2, 2: 1])
        count.add(try SpanCount(trace([2 * day]), in: 0..<100))
        #expect(count.total == 4 && count.days == [1: 2, 2: 1])
    }

    @Test("What is no trace is an error")
    func broken() {
        #expect(throws: WireError.self) { try SpanCount([0x0A, 0x05, 0x01], in: 0..<1) }
    }

    @Test("How far a move has come is written and read again")
    func state() throws {
        var state = TraceMoveState(from: 10, until: 90)
        state.next = 30
        state.traces = 5
        state.spans = 9
        state.days = [0: 9]
        state.crowded = [12]
        state.open = [FoundTrace(id: OTLP.TraceID(high: 1, low: 2), end: 31)]
        let document = try JSONValue(parsing: JSONValue.object(state.members).bytes)
        #expect(TraceMoveState(document) == state)
        #expect(!state.isDone)
        #expect(TraceMoveState(.object([])) == nil)
    }
}
