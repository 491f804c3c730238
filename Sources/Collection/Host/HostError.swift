/// Why a collector gave nothing, or not all, of its metrics.
package enum HostError: Error, Sendable, Equatable, CustomStringConvertible {
    /// This kernel or machine has no such file: nothing is wrong, there is just nothing to report.
    case absent(path: String)
    /// The file exists and could not be read.
    case unreadable(path: String, errno: Int32)
    /// The file has a line that is not as the kernel documents it; `line` counts from 1.
    case malformed(path: String, line: Int, what: String)
    /// A system call failed.
    case systemCall(name: String, errno: Int32)

    /// Lower-case text naming the file and what to look at.
    package var description: String {
        switch self {
        case .absent(let path): "no data: \(path) does not exist on this host"
        case .unreadable(let path, let errno): "cannot read \(path): errno \(errno)"
        case .malformed(let path, let line, let what): "\(path):\(line): \(what)"
        case .systemCall(let name, let errno): "\(name) failed: errno \(errno)"
        }
    }
}
