extension OTLP {
    /// One log record.
    package struct LogRecord: Sendable, Hashable {
        /// When it happened, nanoseconds since the Unix epoch; 0 when unknown.
        package var timeUnixNano: UInt64
        /// When a collector saw it, nanoseconds since the Unix epoch.
        package var observedTimeUnixNano: UInt64
        /// 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal; 0 unknown.
        package var severityNumber: Int32
        /// The severity as the source wrote it.
        package var severityText: ByteString
        /// The message.
        package var body: AnyValue
        /// Attributes in the order received.
        package var attributes: [KeyValue]
        /// How many attributes the sender left out.
        package var droppedAttributesCount: UInt32
        /// Bits 0–7 W3C trace flags.
        package var flags: UInt32
        /// The trace it belongs to, or zero.
        package var traceID: TraceID
        /// The span it belongs to, or zero.
        package var spanID: SpanID
        /// The event's name, when the record is an event.
        package var eventName: ByteString

        /// Everything at its default unless given.
        package init(
            timeUnixNano: UInt64 = 0,
            observedTimeUnixNano: UInt64 = 0,
            severityNumber: Int32 = 0,
            severityText: ByteString = .init(),
            body: AnyValue = .empty,
            attributes: [KeyValue] = [],
            droppedAttributesCount: UInt32 = 0,
            flags: UInt32 = 0,
            traceID: TraceID = .init(),
            spanID: SpanID = .init(),
            eventName: ByteString = .init()
        ) {
            self.timeUnixNano = timeUnixNano
            self.observedTimeUnixNano = observedTimeUnixNano
            self.severityNumber = severityNumber
            self.severityText = severityText
            self.body = body
            self.attributes = attributes
            self.droppedAttributesCount = droppedAttributesCount
            self.flags = flags
            self.traceID = traceID
            self.spanID = spanID
            self.eventName = eventName
        }
    }
}
