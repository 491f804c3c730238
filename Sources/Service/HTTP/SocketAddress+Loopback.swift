import NIOCore

extension SocketAddress {
    /// True for a peer on this machine: 127.0.0.0/8, also as an IPv4-mapped IPv6 address, ::1, and Unix sockets.
    var isLoopback: Bool {
        // As inet_ntop writes it; a Unix socket has none.
        guard let text = ipAddress else { return true }
        return text == "::1" || text.hasPrefix("127.") || text.hasPrefix("::ffff:127.")
    }
}
