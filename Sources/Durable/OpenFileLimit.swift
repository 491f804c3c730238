import Glibc

/// How many files the process may have open.
package enum OpenFileLimit {
    /// Raises the soft limit to the hard one, as Go's runtime does: shells give 1024, which is few for a server that keeps
    /// files per tenant. Where the system refuses, the limit stays.
    package static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(resource, &limit)
    }
}
