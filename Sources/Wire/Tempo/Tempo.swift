/// Tempo's query API over gRPC.
package enum Tempo {
    /// The service whose calls answer with streams.
    package static let streamingService = "tempopb.StreamingQuerier"

    /// A field of text as the requests' decoders find it.
    static func text(_ bytes: UnsafeRawBufferPointer, _ what: StaticString) throws(WireError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(offset: 0, what: "UTF-8 in \(what)")
        }
        return text
    }

    /// Bytes that a request may take when decoded.
    static let requestMemory = 4 << 20
}
