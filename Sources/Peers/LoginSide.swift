/// Whose login flags are about, where a command has to do with more than one server.
package protocol LoginSide: Sendable {
    /// What stands before the names of the flags, such as `to-`.
    static var prefix: String { get }
    /// What help says behind "Login" and the like, such as ` of the old server`.
    static var owner: String { get }
}

/// The only server that a command asks.
package enum OnlyServer: LoginSide {
    package static let prefix = ""
    package static let owner = ""
}
