/// `server_name` of a `tls_config`: the host of a URL is connected to, while TLS asks for a certificate of another name.
///
/// The client that we have takes names and addresses from one place only, the URL, but can be told to connect elsewhere for
/// a name. So the name goes into the URL, the URL's host into that table, and `Host` says what the URL said.
struct ServerNameOverride: Equatable {
    /// The URL with the server's name as its host.
    let url: String
    /// The host to connect to, an IPv6 address without brackets.
    let host: String
    /// The field `Host` of the request: host and port as in the URL.
    let hostField: String

    /// - Parameters:
    ///   - url: an absolute URL; nil for any other than `https`, which has no certificate.
    ///   - serverName: the name that the certificate must be for.
    init?(_ url: String, serverName: String) {
        let scheme = "https://"
        guard url.prefix(scheme.count).lowercased() == scheme else { return nil }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let name = place.first == "[" ? place.prefix { $0 != "]" } + "]" : place.prefix { $0 != ":" }
        guard !name.isEmpty, name.endIndex <= place.endIndex, place.hasPrefix(name) else { return nil }
        let port = place.dropFirst(name.count)
        self.url =
            scheme + authority.prefix(authority.count - place.count) + serverName + port
            + rest.dropFirst(authority.count)
        host = name.first == "[" ? String(name.dropFirst().dropLast()) : String(name)
        hostField = String(place)
    }
}
