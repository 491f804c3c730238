import Service

/// A server's host and port, as others reach it.
package struct SitePlace: Sendable, Equatable {
    /// A host name or an address, an IPv6 address without brackets.
    package let host: String
    package let port: Int

    /// - Parameters:
    ///   - text: `HOST` or `HOST:PORT`; an IPv6 address with a port in brackets.
    ///   - port: what holds where the text has none.
    package init?(_ text: String, port: Int) {
        // A certificate may be for all names of a domain; a server is at one.
        guard !text.hasPrefix("*") else { return nil }
        if SubjectHost(text) != nil {
            self.init(host: text.lowercased(), port: port)
        } else if let address = ListenAddress(text), SubjectHost(address.host) != nil, address.port > 0 {
            self.init(host: address.host.lowercased(), port: address.port)
        } else {
            return nil
        }
    }

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `HOST:PORT`.
    package var address: String { "\(ListenAddress(host: host, port: port))" }
    /// `https://HOST:PORT`.
    package var url: String { "https://" + address }
    /// What the server is to listen on: every interface, or loopback where the host is no more than that.
    package var listenAddress: String {
        let address = ListenAddress(host: host, port: port)
        return address.isLoopback ? "\(address)" : ":\(port)"
    }
}
