/// How long a connection may take for what; together with the connection limit it bounds what slow or silent clients cost.
package struct ConnectionLimits: Sendable {
    /// From the first byte of a request to the end of its header.
    package var header: Duration = .seconds(10)
    /// From accepting to the first byte; TLS handshake included.
    package var firstByte: Duration = .seconds(30)
    /// Between two requests.
    package var idle: Duration = .seconds(120)
    /// Without a byte of the body while the server waits for one.
    package var bodyStall: Duration = .seconds(30)
    /// Least bytes of a body in a second, once the server has waited for it longer than `bodyStall` in all.
    package var bodyRate = 1024
    /// Without a byte of the response taken by the client.
    package var writeStall: Duration = .seconds(60)
    /// How long the rest of a body is discarded after an early answer, so that the client can read the answer.
    package var linger: Duration = .seconds(20)
    /// Bytes of header fields together.
    package var headerBytes = 64 << 10
    /// Header fields of a request.
    package var headerFields = 200
    /// Bytes of the rest of a body that are discarded after an early answer.
    package var lingerBytes = 64 << 20

    /// HTTP/2: streams of a connection that are open at a time.
    package var streams = 100
    /// HTTP/2: streams of a connection that the client may reset within 30 seconds.
    package var resets = 400
    /// HTTP/2: pings and settings of a connection within 30 seconds; clients that measure their bandwidth send many.
    package var controlFrames = 5000

    package init() {}
}
