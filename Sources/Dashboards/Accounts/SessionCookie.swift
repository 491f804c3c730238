package import HTTPTypes

/// The cookie that carries a session's token: not readable for scripts, not sent along by other sites' requests.
package enum SessionCookie {
    /// The cookie's name.
    package static let name = "martlet_session"

    /// The token in a request's Cookie fields; nil when there is none.
    package static func token(in headers: HTTPFields) -> String? { value(of: name, in: headers) }

    /// The value of a cookie; nil when there is none.
    static func value(of name: String, in headers: HTTPFields) -> String? {
        for field in headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0] == name { return String(parts[1]) }
            }
        }
        return nil
    }

    /// Set-Cookie for a new session.
    /// - Parameter secure: true when the browser speaks TLS to us.
    static func setting(_ token: String, secure: Bool) -> String {
        "\(name)=\(token); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(Session.absoluteSeconds)\(secure ? "; Secure" : "")"
    }

    /// Set-Cookie that removes it.
    static func clearing(secure: Bool) -> String {
        "\(name)=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\(secure ? "; Secure" : "")"
    }
}
