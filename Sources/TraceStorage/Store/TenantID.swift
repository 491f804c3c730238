import MartletCore

/// The name that keeps one tenant's spans apart from the others', under Tempo's rules: up to 150 bytes of letters, digits
/// and `!-_.*'()`, and not a name of the directory tree.
package struct TenantID: Hashable, Sendable, CustomStringConvertible {
    /// The name.
    package let name: String

    /// A tenant whose name a file of the database has, and its directory, whose name no tenant can have.
    private static let lock = (name: "lock", directory: "lock~")

    /// The name of its directory.
    var directory: String { name == Self.lock.name ? Self.lock.directory : name }

    /// The tenant of requests without a header, and of all requests while there is only one tenant.
    package static let single = TenantID(trusted: "single-tenant")

    private init(trusted name: String) {
        self.name = name
    }

    /// A name from a request.
    package init(_ name: String) throws(TraceStoreError) {
        do throws(TenantNameRule.Breach) {
            try TenantNameRule.check(name)
        } catch {
            switch error {
            case .empty, .tooLong:
                throw .badTenant("tenant id must have 1 to \(TenantNameRule.maxBytes) bytes, not \(name.utf8.count)")
            case .byte: throw .badTenant("tenant id \"\(name)\" may hold letters, digits and !-_.*'() only")
            case .dots: throw .badTenant("tenant id may not be \"\(name)\"")
            }
        }
        self.name = name
    }

    /// The tenant of a directory; nil when none has that name.
    init?(directory: String) {
        guard let tenant = try? TenantID(directory == Self.lock.directory ? Self.lock.name : directory),
            tenant.directory == directory
        else { return nil }
        self = tenant
    }

    package var description: String { name }
}
