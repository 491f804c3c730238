import CMessages
import MartletCore

/// google.rpc.Status: the error body of OTLP over HTTP, in the request's encoding.
package struct RPCStatus: Sendable, Hashable {
    /// A gRPC status code.
    package enum Code: Int32, Sendable {
        case ok = 0
        case cancelled = 1
        case unknown = 2
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case aborted = 10
        case outOfRange = 11
        case unimplemented = 12
        case `internal` = 13
        case unavailable = 14
        case dataLoss = 15
        case unauthenticated = 16
    }

    /// What kind of error.
    package var code: Code
    /// The error for people.
    package var message: String
    /// When to try again, in milliseconds: sent as a google.rpc.RetryInfo detail.
    package var retryAfterMilliseconds: Int64?

    /// A status; without a delay it carries no details.
    package init(_ code: Code, _ message: String, retryAfterMilliseconds: Int64? = nil) {
        self.code = code
        self.message = message
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    private static let retryInfoType = "type.googleapis.com/google.rpc.RetryInfo"

    /// Protobuf, also the value of gRPC's `grpc-status-details-bin`.
    package func protobuf() -> [UInt8] {
        var writer = ProtoWriter(capacity: 64 + message.utf8.count)
        if code != .ok { writer.int64(1, Int64(code.rawValue)) }
        if !message.isEmpty { writer.string(2, message) }
        if let delay = retryAfterMilliseconds {
            var info = ProtoWriter(capacity: 24)
            info.message(1) { duration in
                if delay / 1000 != 0 { duration.int64(1, delay / 1000) }
                if delay % 1000 != 0 { duration.int64(2, delay % 1000 * 1_000_000) }
            }
            writer.message(3) { any in
                any.string(1, Self.retryInfoType)
                any.bytes(2, info.bytes)
            }
        }
        return writer.bytes
    }

    /// The fields that end a gRPC call with this status (gRPC over HTTP/2, "Trailers"): code, message when there is one, and
    /// this message in base64 when it names a delay.
    package var grpcFields: [(name: String, value: String)] {
        var fields = [(name: "grpc-status", value: "\(code.rawValue)")]
        if !message.isEmpty { fields.append((name: "grpc-message", value: Self.percentEncoded(message))) }
        if retryAfterMilliseconds != nil {
            let details = protobuf().withUnsafeBytes { String(decoding: Base64.encode($0), as: UTF8.self) }
            fields.append((name: "grpc-status-details-bin", value: details))
        }
        return fields
    }

    /// Percent-encoding as grpc-message wants it.
    private static func percentEncoded(_ text: String) -> String {
        PercentEncoding.encode(text) { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "%") }
    }

    /// JSON in protobuf's mapping.
    package func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("code")
        writer.int(Int(code.rawValue))
        writer.key("message")
        writer.string(message)
        if let delay = retryAfterMilliseconds {
            writer.key("details")
            writer.beginArray()
            writer.beginObject()
            writer.key("@type")
            writer.string(Self.retryInfoType)
            writer.key("retryDelay")
            let fraction = delay % 1000
            let digits = String(fraction + 1000).dropFirst()
            writer.string(fraction == 0 ? "\(delay / 1000)s" : "\(delay / 1000).\(digits)s")
            writer.endObject()
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }

    /// Decodes protobuf; an unknown code becomes `.unknown`.
    package init(protobuf body: UnsafeRawBufferPointer) throws(WireError) {
        self = try CMessage.withUnpacked(
            body, martlet_schema_status(), as: Martlet__Rpc__Status.self, memory: 8 << 20
        ) { (status) throws(WireError) in
            var result = RPCStatus(
                Code(rawValue: status.has_code != 0 ? status.code : 0) ?? .unknown,
                String(decoding: status.message.buffer, as: UTF8.self))
            for index in 0..<status.n_details {
                guard let any = status.details[index]?.pointee,
                    any.type_url.buffer.elementsEqual(Self.retryInfoType.utf8)
                else { continue }
                result.retryAfterMilliseconds = try Self.retryDelay(any.value.buffer)
            }
            return result
        }
    }

    private static func retryDelay(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> Int64? {
        try CMessage.withUnpacked(
            bytes, martlet_schema_retry_info(), as: Martlet__Rpc__RetryInfo.self, memory: 64 << 10
        ) { (info) throws(WireError) in
            guard let delay = info.retry_delay?.pointee else { return nil }
            // A hostile sender may name any number; a day is as good as for ever.
            return min(max(delay.seconds, 0), 86_400) * 1000 + Int64(min(max(delay.nanos, 0), 999_999_999)) / 1_000_000
        }
    }
}
