import HTTPTypes
import Hummingbird
package import MartletCore

/// Lets scripts of other sites' pages read some paths (CORS, in Prometheus' words and headers): those that the origin's
/// pattern lets in see the answers, and may send queries by POST where reading is all that a path is for.
package struct CrossOrigin: Sendable {
    /// What of paths this holds for: the path and everything below it.
    private let prefix: String
    /// Origins that are let in, as a whole; nil lets in all.
    private let origins: Regex?

    /// - Parameter origins: a regular expression; `.*` lets in all.
    package init(below prefix: String, origins: String) throws(RegexError) {
        self.prefix = prefix
        self.origins = origins == ".*" ? nil : try Regex(origins, anchored: true, dotMatchesNewline: false)
    }

    func covers(_ path: String) -> Bool { path.hasPrefix(prefix + "/") }

    /// Whether a page of this origin is let in.
    func admits(_ origin: String) -> Bool { origins?.matches(origin) ?? true }

    /// Tells the browser what it may let the page see.
    func apply(to response: inout Response, origin: String?) {
        response.headers.append(HTTPField(name: .vary, value: "Origin"))
        guard let origin else { return }
        response.headers[.accessControlAllowHeaders] = "Accept, Authorization, Content-Type, Origin"
        response.headers[.accessControlAllowMethods] = "GET, POST, OPTIONS"
        response.headers[.accessControlExposeHeaders] = "Date"
        if origins == nil {
            response.headers[.accessControlAllowOrigin] = "*"
        } else if admits(origin) {
            response.headers[.accessControlAllowOrigin] = origin
        }
    }
}
