/// Who sent a request, as far as the web configuration tells.
package struct Identity: Sendable, Equatable {
    /// What a user or token may do.
    package struct Access: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Queries, and everything else that changes nothing.
        package static let read = Access(rawValue: 1)
        /// Ingest, reload, and everything else that changes something.
        package static let write = Access(rawValue: 2)
        /// Both.
        package static let all: Access = [.read, .write]
    }

    /// User or token name; nil when nobody has to log in.
    package let name: String?
    /// The only tenant that this identity may read and write; nil when it is not bound to one.
    package let tenant: String?
    /// What it may do.
    package let access: Access

    /// - Parameters:
    ///   - name: user or token name; nil for anonymous.
    ///   - tenant: tenant that the identity is bound to.
    ///   - access: what it may do.
    package init(name: String?, tenant: String? = nil, access: Access = .all) {
        self.name = name
        self.tenant = tenant
        self.access = access
    }

    /// Where no authentication is configured.
    package static let anonymous = Identity(name: nil)
}
