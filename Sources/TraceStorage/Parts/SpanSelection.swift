/// Spans of several sources that become one row group: whole traces by start, the spans of each by start.
struct SpanSelection {
    struct Span {
        let source: Int32
        let row: Int32
    }

    struct Trace {
        let high: UInt64
        let low: UInt64
        /// Indices into `spans`.
        let spans: Range<Int>
        /// First start and last end of the spans.
        let start: UInt64
        let end: UInt64
        /// Bytes of the encoded spans.
        let bytes: Int
    }

    var spans: [Span] = []
    var traces: [Trace] = []

    mutating func removeAll() {
        spans.removeAll(keepingCapacity: true)
        traces.removeAll(keepingCapacity: true)
    }
}
