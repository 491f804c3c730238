/// Where a URL's server is, for a connection that is not HTTP's own.
package struct ServerAddress: Sendable, Hashable {
    /// Whether the URL is of `https`.
    package let isTLS: Bool
    /// A name or an address, IPv6 without brackets.
    package let host: String
    /// The scheme's usual one unless the URL has one.
    package let port: Int
    /// The field `Host`: host and port as the URL has them.
    package let authority: String
    /// What stands before the paths of the server: empty, or beginning with a slash.
    package let prefix: String

    /// Takes an `http` or `https` URL apart; nil for another text.
    package init?(_ url: String) {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        switch url[..<scheme.lowerBound] {
        case "http": isTLS = false
        case "https": isTLS = true
        default: return nil
        }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let isBracketed = authority.first == "["
        let host = isBracketed ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        let after = authority[host.endIndex...].drop { $0 == "]" }
        guard !host.isEmpty, after.isEmpty || after.first == ":" else { return nil }
        guard let port = after.isEmpty ? (isTLS ? 443 : 80) : UInt16(after.dropFirst()).map(Int.init) else {
            return nil
        }
        self.host = String(host)
        self.port = port
        self.authority = String(authority)
        prefix = String(rest[authority.endIndex...])
    }
}
