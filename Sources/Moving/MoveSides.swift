import Peers

/// The server that is moved from.
enum OldServer: LoginSide {
    static let prefix = ""
    static let owner = " of the old server"
}

/// The server that is moved to.
enum NewServer: LoginSide {
    static let prefix = "to-"
    static let owner = " of the new server"
}
