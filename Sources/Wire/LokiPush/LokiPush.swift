/// Loki's push call: `POST /loki/api/v1/push`, JSON or protobuf in snappy block compression.
package enum LokiPush {
    /// The Content-Type of a protobuf request.
    package static let contentType = "application/x-protobuf"
    /// Path of the call.
    package static let path = "/loki/api/v1/push"
}
