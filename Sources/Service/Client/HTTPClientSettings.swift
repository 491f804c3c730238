/// How requests to a target or receiver are made (Prometheus' `http_config`): authentication, TLS and headers. Files are
/// read anew for each request, so that rotated secrets work.
package struct HTTPClientSettings: Sendable {
    /// A secret that stands in the configuration or in a file.
    package enum Credential: Sendable, Equatable {
        case value(Secret)
        case file(String)
    }

    /// The Authorization header.
    package enum Authorization: Sendable, Equatable {
        case basic(user: Credential, password: Credential?)
        case header(type: String, credentials: Credential)
    }

    /// `tls_config`.
    package struct TLS: Sendable, Equatable {
        package var authorities: Credential?
        package var certificate: Credential?
        package var key: Credential?
        package var serverName: String?
        package var skipsVerification = false
        package var minimumVersion: String?
        package var maximumVersion: String?
    }

    package var authorization: Authorization?
    package var tls: TLS?
    package var followsRedirects = true
    package var headers: [(name: String, value: Credential)] = []

    /// No authentication, the system's certificate authorities, redirects followed.
    package init() {}
}
