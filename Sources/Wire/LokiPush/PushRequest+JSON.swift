extension LokiPush.PushRequest {
    /// Decodes a JSON body: `{"streams":[{"stream":{…},"values":[["<ns>","line",{…}?],…]}]}`. Timestamps must be strings
    /// of nanoseconds, metadata values strings. Unknown keys are passed over. Streams may also be as before Loki 1.0:
    /// `{"labels":"{…}","entries":[{"ts":"<RFC 3339>","line":"…"},…]}`.
    package init(json body: [UInt8], limits: DecodeLimits = .standard) throws(WireError) {
        guard body.count <= Int(Int32.max) else {
            throw .tooLarge(limit: Int(Int32.max), what: "body of \(body.count) bytes")
        }
        var decoder = PushJSONDecoder(LokiPush.PushRequest(bytes: [], limits: limits))
        try body.withUnsafeBufferPointer { (buffer: UnsafeBufferPointer<UInt8>) throws(WireError) in
            try decoder.decode(UnsafeRawBufferPointer(buffer), depth: limits.depth)
        }
        self = decoder.request
    }
}
