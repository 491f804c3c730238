/// Someone who may log in, or a service account, which has tokens instead of a password.
package struct User: Sendable, Hashable {
    /// Row id in the database; user 1 is the administrator made at first start.
    package let id: Int64
    /// The name typed at login, unique without regard to case.
    package let login: String
    /// The name shown.
    package let name: String
    package let email: String
    package let role: Role
    /// True for one who may not log in any more.
    package let isDisabled: Bool
    /// True for a service account.
    package let isService: Bool
    /// When the user was made, Unix seconds.
    package let createdAt: Int64
    /// When the user was last here, Unix seconds, to some minutes; 0 for never.
    package let lastSeenAt: Int64
    /// True while the password is still the generated one.
    package let mustChangePassword: Bool
    /// True when the user has put off choosing a password: nobody asks again, in whichever browser.
    package let hasPostponedPassword: Bool
}
