extension OTLP {
    /// One operation of a trace.
    package struct Span: Sendable, Hashable {
        /// The trace it belongs to.
        package var traceID: TraceID
        /// Its own id, unique in the trace.
        package var spanID: SpanID
        /// W3C tracestate.
        package var traceState: ByteString
        /// The span that caused it; zero for a root.
        package var parentSpanID: SpanID
        /// What the operation is.
        package var name: ByteString
        /// 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
        package var kind: Int32
        /// Start, nanoseconds since the Unix epoch.
        package var startTimeUnixNano: UInt64
        /// End, nanoseconds since the Unix epoch.
        package var endTimeUnixNano: UInt64
        /// Attributes in the order received.
        package var attributes: [KeyValue]
        /// How many attributes the sender left out.
        package var droppedAttributesCount: UInt32
        /// What happened during the span.
        package var events: [Event]
        /// How many events the sender left out.
        package var droppedEventsCount: UInt32
        /// Other spans it refers to.
        package var links: [Link]
        /// How many links the sender left out.
        package var droppedLinksCount: UInt32
        /// How it ended.
        package var status: Status
        /// Bits 0–7 W3C flags, 0x100 whether is-remote is known, 0x200 is-remote.
        package var flags: UInt32

        /// Everything at its default unless given.
        package init(
            traceID: TraceID = .init(),
            spanID: SpanID = .init(),
            traceState: ByteString = .init(),
            parentSpanID: SpanID = .init(),
            name: ByteString = .init(),
            kind: Int32 = 0,
            startTimeUnixNano: UInt64 = 0,
            endTimeUnixNano: UInt64 = 0,
            attributes: [KeyValue] = [],
            droppedAttributesCount: UInt32 = 0,
            events: [Event] = [],
            droppedEventsCount: UInt32 = 0,
            links: [Link] = [],
            droppedLinksCount: UInt32 = 0,
            status: Status = .init(),
            flags: UInt32 = 0
        ) {
            self.traceID = traceID
            self.spanID = spanID
            self.traceState = traceState
            self.parentSpanID = parentSpanID
            self.name = name
            self.kind = kind
            self.startTimeUnixNano = startTimeUnixNano
            self.endTimeUnixNano = endTimeUnixNano
            self.attributes = attributes
            self.droppedAttributesCount = droppedAttributesCount
            self.events = events
            self.droppedEventsCount = droppedEventsCount
            self.links = links
            self.droppedLinksCount = droppedLinksCount
            self.status = status
            self.flags = flags
        }
    }
}
