import MartletCore
package import Tracing
import Wire

/// A span that records until it ends; not sampled, it only carries its identity on.
package final class RecordedSpan: Span {
    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var status: SpanStatus?
        var events: [OTLP.Event] = []
        var links: [OTLP.Link] = []
        var isEnded = false
    }

    /// Events of one span that are kept.
    private static let eventLimit = 64

    package let context: InstrumentationContext
    package let isRecording: Bool
    private let identity: SpanIdentity
    private let parent: OTLP.SpanID
    private let kind: SpanKind
    private let began: UInt64
    private let finish: @Sendable (OTLP.Span) -> Void
    private let state: Lock<State>

    init(
        name: String, context: InstrumentationContext, identity: SpanIdentity, parent: OTLP.SpanID, kind: SpanKind,
        began: UInt64, isRecording: Bool, finish: @escaping @Sendable (OTLP.Span) -> Void
    ) {
        self.context = context
        self.identity = identity
        self.parent = parent
        self.kind = kind
        self.began = began
        self.isRecording = isRecording
        self.finish = finish
        state = Lock(State(name: name))
    }

    package var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { if isRecording { state.withLock { $0.attributes = newValue } } }
    }

    package func setStatus(_ status: SpanStatus) {
        state.withLock { $0.status = status }
    }

    package func addEvent(_ event: SpanEvent) {
        guard isRecording else { return }
        state.withLock { state in
            guard state.events.count < Self.eventLimit else { return }
            state.events.append(
                OTLP.Event(
                    timeUnixNano: event.nanosecondsSinceEpoch, name: ByteString(event.name),
                    attributes: Self.encode(event.attributes)))
        }
    }

    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        var attributes = attributes
        attributes["exception.type"] = "\(type(of: error))"
        attributes["exception.message"] = "\(error)"
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    package func addLink(_ link: SpanLink) {
        guard isRecording, let target = link.context.span else { return }
        state.withLock { state in
            state.links.append(
                OTLP.Link(
                    traceID: target.traceID, spanID: target.spanID, attributes: Self.encode(link.attributes)))
        }
    }

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard isRecording else { return }
        let ended = instant().nanosecondsSinceEpoch
        let final: State? = state.withLock { state in
            guard !state.isEnded else { return nil }
            state.isEnded = true
            return state
        }
        guard let final else { return }
        var status = OTLP.Status()
        switch final.status?.code {
        case .ok: status.code = 1
        case .error: status.code = 2
        case nil: break
        }
        status.message = ByteString(final.status?.message ?? "")
        finish(
            OTLP.Span(
                traceID: identity.traceID, spanID: identity.spanID, traceState: ByteString(identity.state),
                parentSpanID: parent, name: ByteString(final.name), kind: kindNumber, startTimeUnixNano: began,
                endTimeUnixNano: max(began, ended), attributes: Self.encode(final.attributes), events: final.events,
                links: final.links, status: status, flags: 1))
    }

    /// The protocol's numbers (opentelemetry-proto, Span.SpanKind).
    private var kindNumber: Int32 {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    private static func encode(_ attributes: SpanAttributes) -> [OTLP.KeyValue] {
        var result: [OTLP.KeyValue] = []
        attributes.forEach { key, value in
            result.append(OTLP.KeyValue(key: ByteString(key), value: encode(value)))
        }
        return result.sorted { "\($0.key)" < "\($1.key)" }
    }

    private static func encode(_ value: SpanAttribute) -> OTLP.AnyValue {
        switch value {
        case .int32(let value): .int(Int64(value))
        case .int64(let value): .int(value)
        case .double(let value): .double(value)
        case .bool(let value): .bool(value)
        case .string(let value): .string(ByteString(value))
        case .int32Array(let values): .array(values.map { .int(Int64($0)) })
        case .int64Array(let values): .array(values.map { .int($0) })
        case .doubleArray(let values): .array(values.map { .double($0) })
        case .boolArray(let values): .array(values.map { .bool($0) })
        case .stringArray(let values): .array(values.map { .string(ByteString($0)) })
        case .stringConvertible(let value): .string(ByteString("\(value)"))
        case .stringConvertibleArray(let values): .array(values.map { .string(ByteString("\($0)")) })
        default: .empty
        }
    }
}
