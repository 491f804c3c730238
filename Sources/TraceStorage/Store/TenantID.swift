/// The name that keeps one tenant's spans apart from the others', under Tempo's rules: up to 150 bytes of letters, digits
/// and `!-_.*'()`, and not a name of the directory tree.
package struct TenantID: Hashable, Sendable, CustomStringConvertible {
    /// The name, also of its directory.
    package let name: String

    /// The tenant of requests without a header, and of all requests while there is only one tenant.
    package static let single = TenantID(trusted: "single-tenant")

    private init(trusted name: String) {
        self.name = name
    }

    /// A name from a request.
    package init(_ name: String) throws(TraceStoreError) {
        guard !name.isEmpty, name.utf8.count <= 150 else {
            throw .badTenant("tenant id must have 1 to 150 bytes, not \(name.utf8.count)")
        }
        for byte in name.utf8 {
            let isWord = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            guard isWord || "!-_.*'()".utf8.contains(byte) else {
                throw .badTenant("tenant id \"\(name)\" may hold letters, digits and !-_.*'() only")
            }
        }
        guard name != ".", name != ".." else { throw .badTenant("tenant id may not be \"\(name)\"") }
        self.name = name
    }

    package var description: String { name }
}
