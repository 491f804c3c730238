/// An export request of one of the three signals.
package protocol OTLPMessage: Sendable, Equatable {
    /// Decodes a protobuf body; text stays a slice of `body`.
    init(protobuf body: [UInt8], limits: DecodeLimits) throws(WireError)
    /// Decodes an OTLP/JSON body.
    init(json body: [UInt8], limits: DecodeLimits) throws(WireError)
    /// Encodes as protobuf.
    func protobuf() -> [UInt8]
    /// Encodes as OTLP/JSON.
    func json() -> [UInt8]
    /// Number of spans, log records or data points.
    var count: Int { get }
    /// Which signal it is.
    static var signal: OTLP.Signal { get }
}
