import Glibc

/// Addresses as `host:port` and `[v6]:port`.
enum HostPort {
    /// The host; the whole text when it is no host with a port.
    static func stripPort(_ text: String) -> String { split(text)?.host ?? text }

    /// The first part of the host's name, with the port when there is one. Addresses stay as they are.
    static func stripDomain(_ text: String) -> String {
        let parts = split(text)
        let host = parts?.host ?? text
        if isAddress(host) { return text }
        let name = host.prefix { $0 != "." }
        guard let port = parts?.port, !port.isEmpty else { return String(name) }
        return "\(name):\(port)"
    }

    /// Go's `net.SplitHostPort`; nil where that gives an error.
    private static func split(_ text: String) -> (host: String, port: String)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let port = text[text.index(after: colon)...]
        var host = text[..<colon]
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]"), text.index(after: close) == colon else { return nil }
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.contains("["), !host.contains("]"), !port.contains("["), !port.contains("]") else { return nil }
        return (String(host), String(port))
    }

    private static func isAddress(_ text: String) -> Bool {
        var buffer = in6_addr()
        return inet_pton(AF_INET, text, &buffer) == 1 || inet_pton(AF_INET6, text, &buffer) == 1
    }
}
