import Glibc

/// A directory of a test's own, removed with everything in it when the test lets go of it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/martlet-collection-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(what: "mkdtemp", errno: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { TemporaryDirectory.remove(path) }

    struct Failure: Error {
        let what: String
        let errno: Int32
    }

    /// Writes a file, making the directories it needs.
    func write(_ relative: String, _ text: String) throws { try write(relative, Array(text.utf8)) }

    func write(_ relative: String, _ bytes: [UInt8]) throws {
        try put(relative, bytes, flags: O_WRONLY | O_CREAT | O_TRUNC)
    }

    /// Appends to a file.
    func append(_ relative: String, _ text: String) throws {
        try put(relative, Array(text.utf8), flags: O_WRONLY | O_CREAT | O_APPEND)
    }

    func rename(_ old: String, _ new: String) throws {
        guard Glibc.rename(path + "/" + old, path + "/" + new) == 0 else { throw Failure(what: "rename", errno: errno) }
    }

    func delete(_ relative: String) { unlink(path + "/" + relative) }

    private func put(_ relative: String, _ bytes: [UInt8], flags: Int32) throws {
        var directory = path
        for part in relative.split(separator: "/").dropLast() {
            directory += "/" + part
            mkdir(directory, 0o755)
        }
        let descriptor = open(path + "/" + relative, flags, 0o644)
        guard descriptor >= 0 else { throw Failure(what: "open \(relative)", errno: errno) }
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
            throw Failure(what: "write \(relative)", errno: errno)
        }
    }

    private static func remove(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                    String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name == "." || name == ".." { continue }
                if entry.pointee.d_type == UInt8(DT_DIR) {
                    remove(path + "/" + name)
                } else {
                    unlink(path + "/" + name)
                }
            }
            closedir(directory)
        }
        rmdir(path)
    }
}
