/// What went wrong with the journal.
package enum JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no journal at all, neither on disk nor in memory.
    case absent(path: String)
    /// A call of libsystemd failed; `code` is a positive errno.
    case call(name: String, code: Int32)

    /// Lower-case, with what to do.
    package var description: String {
        switch self {
        case .absent(let path): "no journal at \(path): nothing to read until systemd-journald writes one"
        case .call(let name, let code): "\(name) failed: errno \(code)"
        }
    }
}
