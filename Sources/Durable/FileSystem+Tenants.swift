package import Logging
import MartletCore

extension FileSystem {
    /// The tenants that have a directory in `directory`; none where that is not there. Directories that are no tenant's, such as a
    /// file system's own `lost+found`, are passed over with a warning, files without.
    package func tenants(in directory: String, logger: Logger) throws(DurableError) -> [String] {
        guard try exists(directory) else { return [] }
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
        if !others.isEmpty {
            logger.warning(
                "directories whose names no tenant can have are passed over",
                metadata: ["directory": "\(directory)", "names": "\(others.sorted())"])
        }
        return tenants
    }
}
