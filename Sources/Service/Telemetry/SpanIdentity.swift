import Tracing
import Wire

/// Which span a piece of work belongs to, as W3C Trace Context carries it between processes.
struct SpanIdentity: Sendable, Equatable {
    let traceID: OTLP.TraceID
    let spanID: OTLP.SpanID
    let isSampled: Bool
    /// `tracestate`, passed on as it came.
    let state: String

    /// A root's identity.
    static func random() -> SpanIdentity {
        SpanIdentity(
            traceID: OTLP.TraceID(high: .random(in: 1 ... .max), low: .random(in: 1 ... .max)),
            spanID: OTLP.SpanID(.random(in: 1 ... .max)), isSampled: true, state: "")
    }

    /// The same trace with another span.
    func child() -> SpanIdentity {
        SpanIdentity(
            traceID: traceID, spanID: OTLP.SpanID(.random(in: 1 ... .max)), isSampled: isSampled, state: state)
    }

    /// `00-<trace id>-<span id>-<flags>` (W3C Trace Context, 3.2); nil when it is not valid.
    init?(traceParent: String, state: String?) {
        let parts = traceParent.split(separator: "-", omittingEmptySubsequences: false)
        // A later version may append fields; version ff is never valid.
        guard parts.count == 4 || parts.count > 4 && parts[0] != "00", parts[0].utf8.count == 2, parts[0] != "ff",
            Self.isLowerHex(parts[0]), parts[1].utf8.count == 32, Self.isLowerHex(parts[1]),
            parts[2].utf8.count == 16, Self.isLowerHex(parts[2]), parts[3].utf8.count == 2,
            let flags = UInt8(parts[3], radix: 16), let trace = OTLP.TraceID(hex: String(parts[1])),
            let span = OTLP.SpanID(hex: String(parts[2])), !trace.isZero, !span.isZero
        else { return nil }
        traceID = trace
        spanID = span
        isSampled = flags & 1 != 0
        self.state = state.map { $0.utf8.count <= 512 ? $0 : "" } ?? ""
    }

    private init(traceID: OTLP.TraceID, spanID: OTLP.SpanID, isSampled: Bool, state: String) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
    }

    /// The header field's value.
    var traceParent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    private static func isLowerHex(_ text: Substring) -> Bool {
        text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
    }
}

private enum SpanIdentityKey: InstrumentationContextKey {
    typealias Value = SpanIdentity
}

extension InstrumentationContext {
    /// The span that the present work belongs to.
    var span: SpanIdentity? {
        get { self[SpanIdentityKey.self] }
        set { self[SpanIdentityKey.self] = newValue }
    }
}
