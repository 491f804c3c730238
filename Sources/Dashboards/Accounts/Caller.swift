/// Who sends a request, and from where.
struct Caller: Sendable {
    /// How somebody has shown who he is.
    enum Credential: Sendable {
        /// A browser's cookie.
        case session(Session)
        /// A service account's token, by its id.
        case token(Int64)
        /// Who signs in just now by a provider, by its id.
        case provider(String)
    }

    let user: User
    let credential: Credential
    /// The client's address.
    let address: String

    /// The browser's session; nil for a token.
    var session: Session? {
        if case .session(let session) = credential { session } else { nil }
    }

    func may(_ role: Role) -> Bool { user.role >= role }
}
