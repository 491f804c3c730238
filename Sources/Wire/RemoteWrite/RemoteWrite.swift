/// Prometheus remote write 1.0 (prometheus.WriteRequest inside snappy block compression).
package enum RemoteWrite {
    /// The Content-Type of a request.
    package static let contentType = "application/x-protobuf"
    /// The Content-Encoding of a request.
    package static let contentEncoding = "snappy"
    /// The header that carries the protocol's version, and the version that senders name.
    package static let versionHeader = (name: "X-Prometheus-Remote-Write-Version", value: "0.1.0")
}
