import ArgumentParser

/// The flag of servers whose clients name their tenant.
package struct TenantOptions: ParsableArguments, Sendable {
    @Option(
        name: .customLong("storage.max-tenants"),
        help: ArgumentHelp(
            "Tenants that may be kept; each one costs a directory, a thread and memory, and clients choose the names.",
            value: .count))
    package var maxTenants = 1000

    /// The flag, for errors.
    package static let key = "--storage.max-tenants"

    package init() {}

    package mutating func validate() throws {
        guard (1...100_000).contains(maxTenants) else {
            throw ValidationError("\(Self.key) must be within 1 and 100000")
        }
    }
}
