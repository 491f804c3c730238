import MartletCore
import Service

/// A service by which people sign in: GitHub, or any that speaks OAuth 2 and tells who somebody is.
package struct SignInProvider: Sendable {
    /// What a provider's answers look like; the names are Grafana's.
    package enum Kind: String, CaseIterable, Sendable {
        case github
        case generic = "generic_oauth"
    }

    /// Where a provider answers.
    package struct Endpoints: Sendable, Equatable {
        /// Where the browser goes.
        package var authorization: String
        /// Where a code is exchanged.
        package var token: String
        /// Who somebody is.
        package var profile: String
    }

    /// A group whose members have a role.
    struct Mapping: Sendable, Equatable {
        let group: String
        let role: Role
    }

    let kind: Kind
    /// Part of the address to which the provider sends browsers back: `/login/ID`.
    package let id: String
    /// What its button says.
    let name: String
    let clientID: String
    let secret: Secret?
    let secretFile: String?
    /// True to send the client's secret in the field Authorization instead of the form.
    let secretInHeader: Bool
    /// Of OpenID Connect; its document says where the rest is.
    let issuer: String?
    /// nil when the issuer's document says it.
    package let endpoints: Endpoints?
    /// What the browser asks the provider for.
    package let scopes: [String]
    /// Any of these is needed unless there are none: GitHub's organizations, groups, domains of verified e-mails.
    let organizations: [String]
    let groups: [String]
    let domains: [String]
    /// Where in the profile the groups are, keys one below the other.
    let groupsPath: [String]
    /// True when strangers become users.
    package let signUp: Bool
    /// True when a user who is there already is found by a verified e-mail.
    package let matchesEmail: Bool
    let mappings: [Mapping]
    let defaultRole: Role
    let tls: HTTPClientSettings.TLS?
    /// How long a sign-in may wait for the provider, all its requests together.
    let timeoutMs: Int64

    /// What a subject's identifier is unique in.
    package var realm: String { issuer ?? endpoints?.profile ?? id }

    /// True when teams of GitHub's organizations matter.
    package var wantsTeams: Bool { (groups + mappings.map(\.group)).contains { $0.contains("/") } }

    /// The highest of the roles that groups give; nil when nothing is mapped.
    package func role(in groups: [String]) -> Role? {
        guard !mappings.isEmpty else { return nil }
        let found = mappings.filter { mapping in groups.contains { $0.lowercased() == mapping.group.lowercased() } }
        return found.map(\.role).max() ?? defaultRole
    }

    /// The client's secret; a file is read anew each time, so that a rotated one works. nil for an unreadable file.
    func readSecret() -> String? {
        if let secretFile { return SmallFile.read(secretFile, limit: 64 << 10)?.trimmed.nonEmpty }
        return secret?.revealed ?? ""
    }
}
