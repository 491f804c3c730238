import CMessages

extension Tempo {
    /// What `Search` is asked with. What is 0 or empty is not asked for.
    package struct SearchRequest: Sendable, Equatable {
        /// TraceQL.
        package var query = ""
        /// Names and parts of values, all of which have to hold.
        package var tags: [Tag] = []
        /// Shortest duration of a trace, milliseconds.
        package var minDurationMs: UInt32 = 0
        /// Longest duration of a trace, milliseconds.
        package var maxDurationMs: UInt32 = 0
        /// Traces.
        package var limit: UInt32 = 0
        /// Spans of a spanset.
        package var spansPerSpanSet: UInt32 = 0
        /// Unix seconds.
        package var start: UInt32 = 0
        /// Unix seconds.
        package var end: UInt32 = 0

        /// A name and a part of its value.
        package struct Tag: Sendable, Equatable {
            package let key: String
            package let value: String
        }

        /// Decodes protobuf.
        package init(protobuf body: UnsafeRawBufferPointer) throws(WireError) {
            self = try CMessage.withUnpacked(
                body, martlet_schema_tempo_search_request(), as: Martlet__Tempo__SearchRequest.self,
                memory: Tempo.requestMemory
            ) { (message) throws(WireError) in
                try Self(message)
            }
        }

        private init(_ message: Martlet__Tempo__SearchRequest) throws(WireError) {
            query = try Tempo.text(message.query.buffer, "query")
            for index in 0..<message.n_tags {
                guard let tag = message.tags[index]?.pointee else { continue }
                tags.append(
                    Tag(key: try Tempo.text(tag.key.buffer, "tags"), value: try Tempo.text(tag.value.buffer, "tags")))
            }
            // A map has no order of its own.
            tags.sort { ($0.key, $0.value) < ($1.key, $1.value) }
            if message.has_min_duration_ms != 0 { minDurationMs = message.min_duration_ms }
            if message.has_max_duration_ms != 0 { maxDurationMs = message.max_duration_ms }
            if message.has_limit != 0 { limit = message.limit }
            if message.has_spans_per_span_set != 0 { spansPerSpanSet = message.spans_per_span_set }
            if message.has_start != 0 { start = message.start }
            if message.has_end != 0 { end = message.end }
        }
    }
}
