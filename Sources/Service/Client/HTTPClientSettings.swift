/// How requests to a target or receiver are made (Prometheus' `http_config`): authentication, TLS and headers. Files
/// with secrets are read anew for each request, so that rotated ones work.
package struct HTTPClientSettings: Sendable, Equatable {
    /// A secret that stands in the configuration or in a file.
    package enum Credential: Sendable, Equatable {
        case value(Secret)
        case file(String)

        fileprivate func resolved(in directory: String) -> Credential {
            guard case .file(let path) = self, !path.isEmpty, !path.hasPrefix("/") else { return self }
            return .file(directory + (directory.hasSuffix("/") ? "" : "/") + path)
        }
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

        /// The system's authorities, no certificate of our own.
        package init() {}

        /// Takes relative names of files for those of files in a directory.
        package mutating func resolveFiles(in directory: String) {
            authorities = authorities?.resolved(in: directory)
            certificate = certificate?.resolved(in: directory)
            key = key?.resolved(in: directory)
        }

        /// Paths of the files that a client reads when it is made.
        package var files: [String] {
            [authorities, certificate, key].compactMap { credential -> String? in
                guard case .file(let path)? = credential else { return nil }
                return path
            }
        }
    }

    /// A field of every request.
    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: Credential

        /// A field with its value, or the file that has it.
        package init(name: String, value: Credential) {
            self.name = name
            self.value = value
        }
    }

    package var authorization: Authorization?
    package var tls: TLS?
    package var followsRedirects = true
    package var headers: [Header] = []

    /// Takes relative names of files for those of files in a directory.
    package mutating func resolveFiles(in directory: String) {
        tls?.resolveFiles(in: directory)
        headers = headers.map { Header(name: $0.name, value: $0.value.resolved(in: directory)) }
        switch authorization {
        case .basic(let user, let password):
            authorization = .basic(
                user: user.resolved(in: directory), password: password?.resolved(in: directory))
        case .header(let type, let credentials):
            authorization = .header(type: type, credentials: credentials.resolved(in: directory))
        case nil: break
        }
    }

    /// No authentication, the system's certificate authorities, redirects followed.
    package init() {}
}
