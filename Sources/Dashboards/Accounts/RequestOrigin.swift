package import HTTPTypes

/// Tells our own pages' requests from those which other sites make a browser send.
package enum RequestOrigin {
    /// True when a request that changes something may be believed.
    ///
    /// Browsers say where a request comes from (Sec-Fetch-Site, Origin). A client that says neither is no browser, or
    /// an old one; it must send X-Requested-With, which other sites cannot add without our leave.
    /// - Parameter authority: the host that the request names, from `:authority` or Host.
    package static func isOwn(_ headers: HTTPFields, authority: String?) -> Bool {
        if let site = value("Sec-Fetch-Site", in: headers), site != "same-origin", site != "none" { return false }
        if let origin = headers[.origin] {
            guard let authority, let scheme = origin.range(of: "://") else { return false }
            return origin[scheme.upperBound...].lowercased() == authority.lowercased()
        }
        return value("Sec-Fetch-Site", in: headers) != nil || value("X-Requested-With", in: headers) != nil
    }

    private static func value(_ name: String, in headers: HTTPFields) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }
}

extension String {
    /// `Substring` search without Foundation.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
