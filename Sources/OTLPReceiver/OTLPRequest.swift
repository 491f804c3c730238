package import Service
package import Wire

/// An export request as it arrived: decompressed, within the size limit, not yet decoded. A server decodes it with
/// `message()`; a forwarder stores `protobuf()` and leaves the fields alone.
package struct OTLPRequest<Message: OTLPMessage>: Sendable {
    /// How the body is written.
    package enum Encoding: Sendable, Hashable {
        case protobuf, json
    }

    /// The decompressed body.
    package let body: [UInt8]
    /// How the body is written.
    package let encoding: Encoding
    /// The X-Scope-OrgID header or metadata entry, unchecked; nil when absent.
    package let tenant: String?
    /// Who sent it; may be bound to a tenant.
    package let identity: Identity
    /// What decoding may cost.
    package let limits: DecodeLimits

    /// A request over `body`.
    package init(
        _ body: [UInt8], encoding: Encoding = .protobuf, tenant: String? = nil, identity: Identity = .anonymous,
        limits: DecodeLimits = .standard
    ) {
        self.body = body
        self.encoding = encoding
        self.tenant = tenant
        self.identity = identity
        self.limits = limits
    }

    /// Decodes the body; text in the message is slices of it.
    package func message() throws(WireError) -> Message {
        switch encoding {
        case .protobuf: try Message(protobuf: body, limits: limits)
        case .json: try Message(json: body, limits: limits)
        }
    }

    /// The body as protobuf, which needs decoding only when it came as JSON. A protobuf body is handed on unchecked unless
    /// `validating`.
    package func protobuf(validating: Bool = true) throws(WireError) -> [UInt8] {
        switch encoding {
        case .protobuf:
            if validating { _ = try message() }
            return body
        case .json: return try message().protobuf()
        }
    }
}
