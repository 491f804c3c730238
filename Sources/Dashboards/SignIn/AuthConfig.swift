import Service

/// The file of `--auth.config-file`: providers by which people sign in, and whether passwords count beside them.
///
/// ```yaml
/// disable_login_form: false
/// providers:
///   - type: github                # or generic_oauth
///     client_id: …
///     client_secret_file: github.secret
///     allowed_organizations: [example]
///     allow_sign_up: true
///     role_mapping: [{ group: "@example/operators", role: Admin }]
/// ```
package struct AuthConfig: Sendable {
    /// True when nobody signs in with a password.
    package var passwordsAreOff = false
    /// In the order of the buttons.
    package var providers: [SignInProvider] = []
    /// One line for each key that is read but has no meaning here.
    package private(set) var warnings: [String] = []

    /// Passwords alone.
    package init() {}

    /// Reads and checks the file; names of files in it start from its directory.
    /// - Throws: ``ConfigError``
    package init(path: String) throws {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
        try self.init(ConfigDocument(path: path), directory: directory)
    }

    /// Reads and checks a text.
    /// - Parameters:
    ///   - text: the YAML document.
    ///   - file: name for error messages.
    /// - Throws: ``ConfigError``
    package init(text: String, file: String) throws {
        try self.init(ConfigDocument(text: text, file: file), directory: "./")
    }

    private init(_ document: ConfigDocument, directory: String) throws {
        try document.root.mapping { root in
            let form = root.value("disable_login_form")
            passwordsAreOff = try form?.bool() ?? false
            for node in try root.list("providers") {
                let provider = try node.mapping { try SignInProvider(&$0, directory: directory) }
                guard !providers.contains(where: { $0.id == provider.id }) else {
                    throw node.error("there are two providers with the id \"\(provider.id)\": give one another id")
                }
                providers.append(provider)
            }
            if passwordsAreOff, providers.isEmpty, let form {
                throw form.error("disable_login_form needs a provider, or nobody could sign in")
            }
        }
        warnings = document.warnings
    }
}
