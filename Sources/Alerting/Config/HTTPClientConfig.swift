package import Service

/// What a notifier's requests carry (`http_config`).
package struct HTTPClientConfig: Sendable {
    /// Credentials for the Authorization header.
    package enum Credentials: Sendable {
        case none
        /// User and password; the password may be in a file that is read for each request.
        case basic(user: String, password: SecretSource)
        /// A scheme such as `Bearer` and its credentials.
        case header(scheme: String, credentials: SecretSource)
    }

    /// A secret in the configuration or in a file beside it.
    package enum SecretSource: Sendable {
        case value(Secret)
        case file(String)
    }

    /// How to authenticate.
    package var credentials = Credentials.none
    /// Whether redirects are followed.
    package var followRedirects = true
    /// Further headers; values that are secrets are never shown.
    package var headers: [(name: String, value: Secret)] = []

    /// The defaults.
    package init() {}
}
