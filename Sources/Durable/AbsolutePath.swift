import Glibc

/// Paths that mean the same in every process of the machine.
package enum AbsolutePath {
    /// A path from the root on, without slashes and `/.` at its end; one that is relative begins in the working directory.
    package static func of(_ path: String) -> String {
        var absolute = path
        if !path.hasPrefix("/"), let current = getcwd(nil, 0) {
            absolute = FilePath.join(String(cString: current), path)
            free(current)
        }
        while absolute.utf8.count > 1, absolute.hasSuffix("/") || absolute.hasSuffix("/.") { absolute.removeLast() }
        return absolute
    }

    /// The path without symbolic links, of something that is there. Blocks.
    package static func real(_ path: String) throws(DurableError) -> String {
        guard let real = realpath(path, nil) else {
            throw DurableError(errno: errno, path: path, operation: "find")
        }
        defer { free(real) }
        return String(cString: real)
    }
}
