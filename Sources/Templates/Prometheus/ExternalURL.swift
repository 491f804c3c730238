/// The address under which users reach a server, for links in alerts.
package struct ExternalURL: Sendable, Hashable {
    /// Without a slash at the end.
    package let text: String
    /// What stands in front of the server's own paths: empty, or beginning with a slash.
    package let path: String

    /// Takes an address such as `https://example.com/prometheus/`.
    package init(_ address: String) {
        var rest = Substring(address)
        while rest.last == "/" { rest = rest.dropLast() }
        text = String(rest)
        let host = Self.afterScheme(rest)
        path = host.firstIndex(of: "/").map { String(host[$0...]) } ?? ""
    }

    private static func afterScheme(_ text: Substring) -> Substring {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return text }
        return text[text.index(colon, offsetBy: 3)...]
    }
}
