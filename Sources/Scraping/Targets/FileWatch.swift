import Durable
import Logging

/// Remembers what the files of a discovery held, and reads those again that have changed. A file that cannot be read
/// keeps the groups it had; one that is gone loses them.
struct FileWatch: Sendable {
    private struct Known: Sendable {
        var status: FileStatus
        var groups: [TargetGroup]
    }

    private let discovery: FileDiscovery
    private var known: [String: Known] = [:]
    /// Files whose last reading failed, so that the failure is logged once.
    private var failed: [String: FileStatus] = [:]

    init(_ discovery: FileDiscovery) {
        self.discovery = discovery
    }

    /// All groups as of the last refresh.
    var groups: [TargetGroup] { known.sorted { $0.key < $1.key }.flatMap(\.value.groups) }

    /// Looks at the files; true when the groups have changed.
    mutating func refresh(_ logger: Logger) -> Bool {
        let files = discovery.files()
        var changed = false
        for path in known.keys where !files.contains(path) {
            known[path] = nil
            changed = true
        }
        for path in files {
            guard let status = try? DiskFileSystem().status(path) else { continue }
            if known[path]?.status == status || failed[path] == status { continue }
            do {
                let groups = try FileDiscovery.read(path)
                changed = changed || known[path]?.groups != groups
                known[path] = Known(status: status, groups: groups)
                failed[path] = nil
            } catch {
                failed[path] = status
                logger.error(
                    "target file cannot be read: its targets stay as they were", metadata: ["error": "\(error)"])
            }
        }
        return changed
    }
}
