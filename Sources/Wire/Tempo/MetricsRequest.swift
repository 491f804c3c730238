import CMessages

extension Tempo {
    /// What `MetricsQueryRange` and `MetricsQueryInstant` are asked with. What is 0 or empty is not asked for.
    package struct MetricsRequest: Sendable, Equatable {
        /// TraceQL.
        package let query: String
        /// Unix nanoseconds.
        package let start: UInt64
        /// Unix nanoseconds.
        package let end: UInt64
        /// Nanoseconds; 0 for one that fits the range.
        package let step: UInt64
        /// Series.
        package let maxSeries: UInt32

        /// Decodes the protobuf of a query over a range.
        package init(range body: UnsafeRawBufferPointer) throws(WireError) {
            self = try CMessage.withUnpacked(
                body, martlet_schema_tempo_range_request(), as: Martlet__Tempo__QueryRangeRequest.self,
                memory: Tempo.requestMemory
            ) { (message) throws(WireError) in
                try Self(message)
            }
        }

        /// Decodes the protobuf of a query for one value of each series.
        package init(instant body: UnsafeRawBufferPointer) throws(WireError) {
            self = try CMessage.withUnpacked(
                body, martlet_schema_tempo_instant_request(), as: Martlet__Tempo__QueryInstantRequest.self,
                memory: Tempo.requestMemory
            ) { (message) throws(WireError) in
                try Self(message)
            }
        }

        private init(_ message: Martlet__Tempo__QueryRangeRequest) throws(WireError) {
            query = try Tempo.text(message.query.buffer, "query")
            start = message.has_start != 0 ? message.start : 0
            end = message.has_end != 0 ? message.end : 0
            step = message.has_step != 0 ? message.step : 0
            maxSeries = message.has_max_series != 0 ? message.max_series : 0
        }

        private init(_ message: Martlet__Tempo__QueryInstantRequest) throws(WireError) {
            query = try Tempo.text(message.query.buffer, "query")
            start = message.has_start != 0 ? message.start : 0
            end = message.has_end != 0 ? message.end : 0
            step = 0
            maxSeries = 0
        }
    }
}
