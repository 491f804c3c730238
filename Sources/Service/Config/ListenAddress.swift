import ArgumentParser

/// A `HOST:PORT` flag value: `127.0.0.1:9090`, `[::1]:9090`, `localhost:9090`, or `:9090` for every interface.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible, ExpressibleByArgument {
    /// Host name or address without brackets; empty means every interface.
    package let host: String
    /// TCP port; 0 asks the kernel for a free one.
    package let port: Int

    /// - Parameters:
    ///   - host: host name or address without brackets; empty means every interface.
    ///   - port: TCP port, 0 for any free one.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Parses `HOST:PORT`; nil when the port is missing or not within 0...65535, or an IPv6 host lacks its brackets.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("[") && host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.contains("/"), !host.contains(" ") else { return nil }
        self.init(host: String(host), port: port)
    }

    package init?(argument: String) {
        self.init(argument)
    }

    /// True when only processes of this machine can connect.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// The same address with the port that the kernel really gave.
    func bound(to port: Int) -> ListenAddress {
        ListenAddress(host: host, port: port)
    }
}
