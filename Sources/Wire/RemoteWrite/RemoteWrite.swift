/// Prometheus remote write: protobuf inside snappy block compression, in two versions.
package enum RemoteWrite {
    /// The Content-Type of a request.
    package static let contentType = "application/x-protobuf"
    /// The Content-Encoding of a request.
    package static let contentEncoding = "snappy"
    /// The header that carries the protocol's version, and the version that senders of 1.0 name.
    package static let versionHeader = (name: "X-Prometheus-Remote-Write-Version", value: Message.version1.version)
}
