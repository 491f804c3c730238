package import HTTPTypes

/// Tells requests that pages of other sites make a browser send from all others.
package enum RequestOrigin {
    /// True when a browser says that a page of another site, or of another port of this one, sends the request.
    ///
    /// Browsers say it in Sec-Fetch-Site (to https and to this machine) and in Origin. Clients that are no browsers send
    /// neither. A proxy may replace the host that the request names; what it puts into X-Forwarded-Host counts as well, since
    /// no page can add that without our leave.
    /// - Parameter authority: the host that the request names, from `:authority` or Host.
    package static func isForeign(_ headers: HTTPFields, authority: String?) -> Bool {
        if let site = value("Sec-Fetch-Site", in: headers) { return site != "same-origin" && site != "none" }
        guard let origin = headers[.origin] else { return false }
        // `null`, from sandboxed frames and files, has no host.
        guard let scheme = origin.firstRange(of: "://") else { return true }
        let host = origin[scheme.upperBound...].lowercased()
        let own = [authority, value("X-Forwarded-Host", in: headers)]
        return !own.contains { $0?.lowercased() == host }
    }

    /// True when a request that changes something may be believed to come from our own pages: it is not foreign, and it
    /// says so, or it has X-Requested-With, which other sites cannot add without our leave.
    package static func isOwn(_ headers: HTTPFields, authority: String?) -> Bool {
        guard !isForeign(headers, authority: authority) else { return false }
        return headers[.origin] != nil || value("Sec-Fetch-Site", in: headers) != nil
            || value("X-Requested-With", in: headers) != nil
    }

    private static func value(_ name: String, in headers: HTTPFields) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }
}
