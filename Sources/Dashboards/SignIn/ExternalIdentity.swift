package import MartletCore

/// Somebody as a provider knows him.
package struct ExternalIdentity: Sendable, Equatable {
    /// What the provider never gives to another.
    package var subject: String
    /// A name for a user, as the provider has it.
    package var login: String
    /// The name shown.
    package var name: String
    /// A verified address in lower case; nil when there is none.
    package var email: String?
    /// Groups; of GitHub organizations, and teams as `@organization/team`.
    package var groups: [String] = []

    /// Out of the answer of a userinfo endpoint; nil without a subject.
    /// - Parameter groupsPath: keys one below the other that lead to the groups.
    package init?(userinfo: JSONValue, groupsPath: [String]) {
        guard let subject = Self.text(userinfo["sub"]) ?? Self.text(userinfo["id"]) else { return nil }
        self.subject = subject
        let address = Self.text(userinfo["email"])
        let isVerified = userinfo["email_verified"].map { $0.bool == true || $0.string == "true" } ?? false
        email = isVerified ? address?.lowercased() : nil
        login =
            Self.text(userinfo["preferred_username"]) ?? Self.text(userinfo["login"]) ?? address
            ?? Self.text(userinfo["name"]) ?? subject
        name = Self.text(userinfo["name"]) ?? login
        var value: JSONValue? = userinfo
        for key in groupsPath { value = value?[key] }
        groups = value?.array?.compactMap(\.string) ?? value?.string.map { [$0] } ?? []
    }

    /// Out of GitHub's answer at `/user`; e-mails and organizations have addresses of their own.
    init?(github: JSONValue) {
        guard let id = github["id"]?.int64, let login = Self.text(github["login"]) else { return nil }
        subject = String(id)
        self.login = login
        name = Self.text(github["name"]) ?? login
    }

    private static func text(_ value: JSONValue?) -> String? {
        let text = value?.string ?? value?.int64.map(String.init)
        guard let text = text?.trimmed.nonEmpty, text.utf8.count <= 255 else { return nil }
        return text
    }

    /// Throws when a provider's rules let somebody not in.
    package func check(_ provider: SignInProvider) throws(SignInFailure) {
        func isMember(of wanted: [String]) -> Bool {
            wanted.contains { one in groups.contains { $0.lowercased() == one.lowercased() } }
        }
        if !provider.organizations.isEmpty, !isMember(of: provider.organizations) {
            throw SignInFailure(.organization, login)
        }
        if !provider.groups.isEmpty, !isMember(of: provider.groups) { throw SignInFailure(.group, login) }
        guard !provider.domains.isEmpty else { return }
        guard let email else { throw SignInFailure(.email, login) }
        let domain = email.lastIndex(of: "@").map { String(email[email.index(after: $0)...]) }
        guard let domain, provider.domains.contains(domain) else { throw SignInFailure(.domain, login) }
    }
}
