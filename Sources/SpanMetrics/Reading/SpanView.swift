/// What is looked at of a span, beside its attributes; bounds are in the request's bytes.
struct SpanView {
    var traceHigh: UInt64 = 0
    var traceLow: UInt64 = 0
    var id: UInt64 = 0
    var parent: UInt64 = 0
    var name = 0..<0
    var kind: Int32 = 0
    var status: Int32 = 0
    var statusMessage = 0..<0
    /// Unix nanoseconds.
    var start: UInt64 = 0
    var end: UInt64 = 0
    /// Bytes of the encoded span.
    var size = 0

    /// 0 for a span that ends before it begins.
    var seconds: Double { end > start ? Double(end - start) / 1e9 : 0 }
    var hasFailed: Bool { status == 2 }
    /// Whether it asks somebody, or sends a message.
    var isClient: Bool { kind == 3 || kind == 4 }
    /// Whether it answers somebody, or receives a message.
    var isServer: Bool { kind == 2 || kind == 5 }
    var isMessaging: Bool { kind >= 4 }

    /// The protocol's name of a kind.
    static func kindText(_ kind: Int32) -> StaticString {
        switch kind {
        case 1: "SPAN_KIND_INTERNAL"
        case 2: "SPAN_KIND_SERVER"
        case 3: "SPAN_KIND_CLIENT"
        case 4: "SPAN_KIND_PRODUCER"
        case 5: "SPAN_KIND_CONSUMER"
        default: "SPAN_KIND_UNSPECIFIED"
        }
    }

    /// The protocol's name of a status.
    static func statusText(_ status: Int32) -> StaticString {
        switch status {
        case 1: "STATUS_CODE_OK"
        case 2: "STATUS_CODE_ERROR"
        default: "STATUS_CODE_UNSET"
        }
    }
}
