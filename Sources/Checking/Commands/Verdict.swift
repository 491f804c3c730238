import Glibc
import Service

/// How a check ends, as promtool's exit codes have it.
enum Verdict: Int32 {
    case success = 0
    case failure = 1
    /// A file that cannot be read, or is no YAML.
    case unreadable = 2
    /// Only a lint has found something, and that was to count.
    case lint = 3

    /// Ends the process.
    func exit() -> Never { Glibc.exit(rawValue) }
}

/// Lines to stdout and stderr in the order in which they are written.
enum Console {
    static func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    static func complain(_ line: String) {
        StandardError.write(line + "\n")
    }
}
