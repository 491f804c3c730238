#if canImport(Glibc)
import Glibc
#endif

/// Finds what is installed beside the executable: the web interface and the bundled dashboards.
package enum InstalledFiles {
    /// The directory of a name, by the file that must be in it; nil when there is none.
    ///
    /// Looked at in this order: `../share/martlet/NAME` from the executable (packages put it into `/usr/bin` and
    /// `/usr/share/martlet`), `NAME` in a directory above the executable (a source tree: `.build/release/…`), then
    /// `/usr/share/martlet/NAME`.
    /// - Parameters:
    ///   - name: `web` or `dashboards`.
    ///   - marker: a file in it, `index.html`.
    ///   - executable: path of the running program, without symbolic links.
    package static func find(_ name: String, marker: String, executable: String? = running) -> String? {
        var candidates: [String] = []
        if let executable {
            var parts = executable.split(separator: "/")
            _ = parts.popLast()
            if !parts.isEmpty {
                candidates.append("/" + (parts.dropLast() + ["share", "martlet"]).joined(separator: "/"))
            }
            for _ in 0..<6 where !parts.isEmpty {
                parts.removeLast()
                candidates.append("/" + parts.joined(separator: "/"))
            }
        }
        candidates.append("/usr/share/martlet")
        return candidates.map { ($0 == "/" ? "" : $0) + "/" + name }
            .first { access($0 + "/" + marker, R_OK) == 0 }
    }

    /// The running program's file.
    package static var running: String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }
}
