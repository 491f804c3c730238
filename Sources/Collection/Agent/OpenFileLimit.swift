import Glibc

/// The number of files that this process may have open.
enum OpenFileLimit {
    /// Raises the limit to what the system allows this process, since each followed file stays open and the usual 1,024
    /// would be used up by them. What cannot be raised is left.
    static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
