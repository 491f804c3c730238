import CMessages

extension Tempo {
    /// What `SearchTags` and `SearchTagsV2` are asked with. What is 0 or empty is not asked for.
    package struct TagsRequest: Sendable, Equatable {
        /// `resource`, `span`, …; empty for all.
        package let scope: String
        /// TraceQL; empty for all spans.
        package let query: String
        /// Unix seconds.
        package let start: UInt32
        /// Unix seconds.
        package let end: UInt32
        /// Names of each scope.
        package let limit: UInt32

        /// Decodes protobuf.
        package init(protobuf body: UnsafeRawBufferPointer) throws(WireError) {
            self = try CMessage.withUnpacked(
                body, martlet_schema_tempo_tags_request(), as: Martlet__Tempo__SearchTagsRequest.self,
                memory: Tempo.requestMemory
            ) { (message) throws(WireError) in
                try Self(message)
            }
        }

        private init(_ message: Martlet__Tempo__SearchTagsRequest) throws(WireError) {
            scope = try Tempo.text(message.scope.buffer, "scope")
            query = try Tempo.text(message.query.buffer, "query")
            start = message.has_start != 0 ? message.start : 0
            end = message.has_end != 0 ? message.end : 0
            limit = message.has_max_tags_per_scope != 0 ? message.max_tags_per_scope : 0
        }
    }
}
