/// What a user may do; each may do all that those before it may.
package enum Role: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Reads.
    case viewer = "Viewer"
    /// Changes dashboards, folders, annotations, playlists, silences and rules; tries receivers.
    case editor = "Editor"
    /// Changes users, service accounts and the preferences of all; reads the audit.
    case admin = "Admin"

    package static func < (one: Role, other: Role) -> Bool {
        one.rank < other.rank
    }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .editor: 1
        case .admin: 2
        }
    }
}
