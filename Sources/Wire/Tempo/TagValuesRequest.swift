import CMessages

extension Tempo {
    /// What `SearchTagValues` and `SearchTagValuesV2` are asked with. What is 0 or empty is not asked for.
    package struct TagValuesRequest: Sendable, Equatable {
        /// Whose values.
        package let name: String
        /// A filter in TraceQL.
        package let query: String
        /// Unix seconds.
        package let start: UInt32
        /// Unix seconds.
        package let end: UInt32
        /// Values.
        package let limit: UInt32

        /// Decodes protobuf.
        package init(protobuf body: UnsafeRawBufferPointer) throws(WireError) {
            self = try CMessage.withUnpacked(
                body, martlet_schema_tempo_tag_values_request(), as: Martlet__Tempo__SearchTagValuesRequest.self,
                memory: Tempo.requestMemory
            ) { (message) throws(WireError) in
                try Self(message)
            }
        }

        private init(_ message: Martlet__Tempo__SearchTagValuesRequest) throws(WireError) {
            name = try Tempo.text(message.tag_name.buffer, "tagName")
            query = try Tempo.text(message.query.buffer, "query")
            start = message.has_start != 0 ? message.start : 0
            end = message.has_end != 0 ? message.end : 0
            limit = message.has_max_tag_values != 0 ? message.max_tag_values : 0
        }
    }
}
