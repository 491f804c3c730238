package import ArgumentParser
package import Logging

/// The flag of servers whose clients name their tenant.
package struct TenantOptions: ParsableArguments, Sendable {
    @Option(
        name: .customLong("storage.max-tenants"),
        help: ArgumentHelp(
            "Tenants that may be kept; each one costs a directory, open files and memory, and clients choose the names.",
            value: .count, default: "1000, or as many as the limit of open files bears"))
    package var maxTenants: Int?

    /// The flag, for errors.
    package static let key = "--storage.max-tenants"

    private static let usual = 1000

    package init() {}

    package mutating func validate() throws {
        guard (1...100_000).contains(maxTenants ?? Self.usual) else {
            throw ValidationError("\(Self.key) must be within 1 and 100000")
        }
    }

    /// Tenants that the server may keep when each has `filesEach` files open.
    ///
    /// The default is lowered, with a warning, to what the limit of open files bears. Throws for a number from the command
    /// line that cannot be kept.
    package func resolve(filesEach: Int, within openFiles: OpenFileLimit, logger: Logger) throws(UsageError) -> Int {
        let bearable = openFiles.tenants(filesEach: filesEach)
        let wanted = maxTenants ?? Self.usual
        guard wanted > bearable else { return wanted }
        if maxTenants != nil {
            throw UsageError(
                "\(Self.key)=\(wanted) needs \(wanted * filesEach) open files (\(filesEach) a tenant), "
                    + "which may be half of the \(openFiles.files) that this process may have: "
                    + "lower it to \(bearable), or \(OpenFileLimit.cure) to \(2 * wanted * filesEach)")
        }
        logger.warning(
            "fewer tenants than usual may be kept, since few files may be open",
            metadata: [
                "max_tenants": .stringConvertible(bearable), "usual": .stringConvertible(wanted),
                "open_files": .stringConvertible(openFiles.files),
                "cure": .string("\(OpenFileLimit.cure) to \(2 * wanted * filesEach), or set \(Self.key)"),
            ])
        return bearable
    }
}
