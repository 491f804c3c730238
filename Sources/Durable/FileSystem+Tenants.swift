import MartletCore

extension FileSystem {
    /// The tenants that have a directory in `directory`, and the names of directories there that are no tenant's, such as a file
    /// system's own `lost+found`. Files are passed over.
    package func tenants(in directory: String) throws(DurableError) -> (tenants: [String], others: [String]) {
        var (tenants, others): ([String], [String]) = ([], [])
        for name in try list(directory) {
            guard try status(FilePath.join(directory, name)).isDirectory else { continue }
            do throws(TenantNameRule.Breach) {
                try TenantNameRule.check(name)
                tenants.append(name)
            } catch {
                others.append(name)
            }
        }
        return (tenants, others)
    }
}
