#if canImport(Glibc)
import Glibc
#endif

/// How many files the process may have open, sockets included, and how they are shared out.
package struct OpenFileLimit: Sendable {
    /// Files that may be open at a time.
    package let files: Int

    /// A process that may have `files` open.
    package init(files: Int) {
        self.files = files
    }

    /// Raises the soft limit to the hard one, as Go's runtime does: shells give 1024, which is few for a server. Where the
    /// system refuses, the limit stays.
    package static func raise() -> OpenFileLimit {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        // Without an answer there is nothing to share out.
        guard getrlimit(resource, &limit) == 0 else { return OpenFileLimit(files: .max) }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return OpenFileLimit(files: Int(clamping: limit.rlim_cur))
    }

    /// Connections that an address may serve when no flag says how many: a quarter.
    package var connections: Int { max(1, files / 4) }

    /// Tenants that may be open when each keeps `filesEach` files: they get half.
    package func tenants(filesEach: Int) -> Int { max(1, files / 2 / filesEach) }

    /// Files that a store may hold open beyond what each tenant needs, when it closes those that it does not read: an
    /// eighth, at most 1024.
    package var pooled: Int { max(1, min(1024, files / 8)) }

    /// What raises the limit, for messages.
    static let cure = "raise the hard limit of open files (LimitNOFILE= in a systemd unit, ulimit -Hn in a shell)"
}
