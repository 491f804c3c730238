extension RemoteRead {
    /// Builds `prometheus.ReadResponse`, query by query.
    package struct ResponseWriter {
        private var response = ProtoWriter()
        private var query = ProtoWriter()

        /// An answer to no query yet.
        package init() {}

        /// Bytes so far.
        package var count: Int { response.bytes.count + query.bytes.count }

        /// Adds a series to the query that is being answered.
        package mutating func add(_ series: Series) { query.message(1) { series.encode(to: &$0) } }

        /// Ends the answer to a query; the next series are those of the next one.
        package mutating func endQuery() {
            response.bytes(1, query.bytes)
            query = ProtoWriter()
        }

        /// The message, before compression.
        package var bytes: [UInt8] { response.bytes }
    }

    /// The series of each query of a decompressed `prometheus.ReadResponse`.
    package static func results(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> [[Series]] {
        var results: [[Series]] = []
        var cursor = ProtoCursor(bytes)
        while try cursor.next() {
            guard cursor.field == 1 else {
                try cursor.skip()
                continue
            }
            var message = try cursor.message()
            var series: [Series] = []
            while try message.next() {
                if message.field == 1 {
                    series.append(try Series(&message, isChunked: false))
                } else {
                    try message.skip()
                }
            }
            results.append(series)
        }
        return results
    }
}
