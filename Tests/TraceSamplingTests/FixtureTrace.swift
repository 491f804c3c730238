import MartletCore
import TraceSampling
import Wire

/// A trace that is written down in a test.
struct FixtureTrace: SampledTrace {
    enum Value {
        case integer(Int64)
        case double(Double)
        case boolean(Bool)
        case text(String)
    }

    struct Span {
        var start: UInt64 = 0
        var end: UInt64 = 0
        var status = 0
        var flags: UInt32 = 0
        var traceState = ""
        var name = ""
        var attributes: [String: Value] = [:]
    }

    var high: UInt64 = 0
    var low: UInt64 = 1
    var bytes = 100
    var resource: [String: Value] = [:]
    var spans: [Span]

    init(_ spans: [Span] = [Span()], resource: [String: Value] = [:]) {
        self.spans = spans
        self.resource = resource
    }

    /// One span with these attributes.
    init(_ attributes: [String: Value]) {
        self.init([Span(attributes: attributes)])
    }

    /// So many spans.
    init(spans count: Int) {
        self.init(Array(repeating: Span(), count: count))
    }

    var spanCount: Int { spans.count }

    var bounds: (start: UInt64, end: UInt64) {
        (spans.map(\.start).min() ?? 0, spans.map(\.end).max() ?? 0)
    }

    func hasStatus(in codes: UInt8) -> Bool { spans.contains { codes & 1 << UInt8($0.status) != 0 } }

    func hasFlags(_ flags: UInt32) -> Bool { spans.contains { $0.flags & flags != 0 } }

    func hasTraceState(where matches: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        spans.contains { span in !span.traceState.isEmpty && Bytes.of(span.traceState) { matches($0) } }
    }

    func hasNumber(_ key: String, where matches: (SampledNumber) -> Bool) -> Bool {
        values(key).contains { value in
            switch value {
            case .integer(let number): matches(.integer(number))
            case .double(let number): matches(.double(number))
            case .boolean, .text: false
            }
        }
    }

    func hasBoolean(_ key: String, _ value: Bool) -> Bool {
        values(key).contains { if case .boolean(value) = $0 { true } else { false } }
    }

    func hasSpan(where matches: (any SampledSpan) -> Bool) -> Bool {
        spans.contains { span in
            let attributes = span.attributes.mapValues { value -> OTTLValue in
                switch value {
                case .integer(let number): .int(number)
                case .double(let number): .double(number)
                case .boolean(let flag): .bool(flag)
                case .text(let text): .text(ByteString(text))
                }
            }
            return matches(FixtureSpan(fields: [.name: .text(ByteString(span.name))], attributes: attributes))
        }
    }

    func hasText(_ key: String, _ matcher: TextMatcher) -> Bool {
        values(key).contains { value in
            guard case .text(let text) = value else { return false }
            return Bytes.of(text) { matcher.matches($0) }
        }
    }

    private func values(_ key: String) -> [Value] {
        (spans.map(\.attributes) + [resource]).compactMap { $0[key] }
    }
}
