package import Wire

/// What one export request may cost.
package struct OTLPReceiverLimits: Sendable {
    /// Largest request in bytes, as sent and decompressed.
    package var requestBytes: Int
    /// The flag or key that changes it, for the error; nil where it is fixed.
    package var requestBytesKey: String?
    /// What decoding may cost.
    package var decoding: DecodeLimits

    /// 64 MiB, which the protocol recommends, unless given.
    package init(
        requestBytes: Int = 64 << 20, requestBytesKey: String? = nil, decoding: DecodeLimits = .standard
    ) {
        self.requestBytes = requestBytes
        self.requestBytesKey = requestBytesKey
        self.decoding = decoding
    }

    func tooLarge(_ bytes: Int?) -> OTLPRefusal {
        let size = bytes.map { "of \($0) bytes " } ?? ""
        let cure = requestBytesKey.map { "raise \($0)" } ?? "send smaller batches"
        return OTLPRefusal(.tooLarge, "the request \(size)exceeds the limit of \(requestBytes) bytes; \(cure)")
    }
}
