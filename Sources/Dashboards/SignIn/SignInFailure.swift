/// Why somebody could not sign in by a provider.
package struct SignInFailure: Error {
    /// The login page knows reasons by these names, since it must not show what an address says.
    enum Reason: String {
        case address, cancelled, code, disabled, domain, email, expired, group, login, organization, many, storage,
            strange
        case unreachable, unknown
    }

    let reason: Reason
    /// For the log; never a secret.
    let detail: String

    init(_ reason: Reason, _ detail: String = "") {
        self.reason = reason
        self.detail = detail
    }
}

extension SignInFailure.Reason {
    /// What the login page says.
    /// - Parameter name: the provider's.
    func sentence(_ name: String) -> String {
        switch self {
        case .address:
            "This server does not know its own address; an administrator has to start it with --web.external-url."
        case .cancelled: "\(name) did not confirm the sign-in: it was cancelled or refused there."
        case .code:
            "\(name) did not accept the sign-in. Try again; if it stays so, an administrator should see the log."
        case .disabled: "This user is disabled. An administrator can enable it."
        case .domain: "Your e-mail address at \(name) is not in a domain that may sign in here."
        case .email: "\(name) has not verified your e-mail address, which is needed to sign in here."
        case .expired: "This sign-in took too long, was used already, or was begun in another browser. Try again."
        case .group: "You are in none of the groups at \(name) that may sign in here."
        case .login: "Another user here has your name or your e-mail address. An administrator can change that."
        case .organization: "You are in none of the organizations at \(name) that may sign in here."
        case .many: "There were too many failed sign-ins from your address. Try again in some minutes."
        case .storage: "This server could not store the sign-in; an administrator should see its log."
        case .strange: "\(name) answered something that cannot be understood; an administrator should see the log."
        case .unreachable: "\(name) does not answer, or not in time. Try again later."
        case .unknown: "You are not a user here. An administrator can make you one."
        }
    }
}
