import Durable
import Glibc

/// Runs other people's programs.
enum Shell {
    /// Where Debian's package `prometheus` puts its tool.
    static let promtool = "/usr/bin/promtool"
    static let hasPromtool = access(promtool, X_OK) == 0

    /// Runs a command line and gives what it wrote; nil when it failed.
    static func run(_ command: String, in directory: TemporaryDirectory) throws -> String? {
        let output = directory.file("output.txt")
        let code = system("\(command) > \(output) 2>&1")
        let text = String(decoding: try DiskFileSystem().read(output, limit: 256 << 20), as: UTF8.self)
        return code == 0 ? text : nil
    }
}
