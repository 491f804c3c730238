/// Someone who may log in.
package struct User: Sendable, Hashable {
    /// Row id in the database; user 1 is the administrator made at first start.
    package let id: Int64
    /// The name typed at login, unique without regard to case.
    package let login: String
    /// The name shown.
    package let name: String
    /// True while the password is still the generated one.
    package let mustChangePassword: Bool
    /// True when the user has put off choosing a password: nobody asks again, in whichever browser.
    package let hasPostponedPassword: Bool
}
