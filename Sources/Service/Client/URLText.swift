import MartletCore

/// URLs as they may be shown.
package enum URLText {
    /// The URL without user and password.
    package static func withoutCredentials(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return url }
        return String(url[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }

    /// A text as a parameter's name or value, or as one segment of a path (RFC 3986).
    package static func encoded(_ text: String) -> String {
        PercentEncoding.encode(text)
    }
}
