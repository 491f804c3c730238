/// Prometheus remote read: protobuf inside snappy block compression, or a stream of frames.
package enum RemoteRead {
    /// The header that carries the protocol's version.
    package static let versionHeader = (name: "X-Prometheus-Remote-Read-Version", value: "0.1.0")

    /// How an answer is written; the raw value is that of the protocol.
    package enum ResponseType: Int32, Sendable, CaseIterable {
        /// One message with all samples, compressed as a whole.
        case samples = 0
        /// A frame for each series, or for a part of one, with its chunks as they are stored.
        case streamedChunks = 1

        /// The Content-Type of an answer.
        package var contentType: String {
            switch self {
            case .samples: "application/x-protobuf"
            case .streamedChunks: "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"
            }
        }

        /// The name in the protocol.
        package var name: String {
            switch self {
            case .samples: "SAMPLES"
            case .streamedChunks: "STREAMED_XOR_CHUNKS"
            }
        }
    }
}
