/// What a glob needs to know of a file system.
package protocol PathLister: Sendable {
    /// Names in a directory without `.` and `..`; empty when it cannot be read.
    func names(in directory: String) -> [String]
    /// What lies at a path; nil when nothing does.
    func kind(of path: String, followLinks: Bool) -> PathKind?
}
