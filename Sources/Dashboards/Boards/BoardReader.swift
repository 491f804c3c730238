import MartletCore

#if canImport(Glibc)
import Glibc
#endif

/// Reads directories of dashboard files; a file that has not changed since the last look is not parsed again.
///
/// Blocking: run it on a ``BlockingPool``.
package struct BoardReader: Sendable {
    /// Largest dashboard file, in bytes.
    package static let fileLimit = 8 << 20
    /// Files looked at in all directories together.
    package static let countLimit = 10_000
    /// Directories below each other.
    static let depthLimit = 16

    /// What one look found.
    package struct Found: Sendable, Equatable {
        /// In the order of their titles.
        package var boards: [Board] = []
        package var problems: [BoardProblem] = []
    }

    private struct Stamp: Sendable, Equatable {
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int
        let folder: String
    }

    private struct Known: Sendable {
        let stamp: Stamp
        let result: Result<Board, BoardProblem>
    }

    private var known: [String: Known] = [:]

    package init() {}

    /// Looks at the directories.
    package mutating func read(_ folders: [BoardFolder]) -> Found {
        var found = Found()
        var seen: [String: Known] = [:]
        for folder in folders {
            var status = stat()
            guard stat(folder.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                found.problems.append(BoardProblem(path: folder.path, message: "there is no such directory"))
                continue
            }
            visit(folder.path, listedUnder: folder.folder, folder, depth: 0, seen: &seen, problems: &found.problems)
        }
        known = seen
        var owners: [String: String] = [:]
        for (path, file) in seen.sorted(by: { $0.key < $1.key }) {
            switch file.result {
            case .failure(let problem): found.problems.append(problem)
            case .success(let board):
                if let owner = owners[board.uid] {
                    found.problems.append(
                        BoardProblem(path: path, message: "the uid \"\(board.uid)\" is taken by \(owner)"))
                } else {
                    owners[board.uid] = path
                    found.boards.append(board)
                }
            }
        }
        found.boards.sort { ($0.title.lowercased(), $0.uid) < ($1.title.lowercased(), $1.uid) }
        return found
    }

    private func visit(
        _ directory: String, listedUnder name: String, _ folder: BoardFolder, depth: Int, seen: inout [String: Known],
        problems: inout [BoardProblem]
    ) {
        guard let entries = Self.entries(of: directory) else {
            problems.append(
                BoardProblem(path: directory, message: "cannot be read: \(String(cString: strerror(errno)))"))
            return
        }
        for entry in entries where !entry.hasPrefix(".") {
            let path = directory + "/" + entry
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                guard depth < Self.depthLimit else { continue }
                visit(
                    path, listedUnder: folder.foldersFromFiles ? entry : name, folder, depth: depth + 1, seen: &seen,
                    problems: &problems)
            } else if entry.hasSuffix(".json"), status.st_mode & S_IFMT == S_IFREG {
                guard seen.count < Self.countLimit else { return }
                seen[path] = file(path, status, folder: name)
            }
        }
    }

    private func file(_ path: String, _ status: stat, folder: String) -> Known {
        let stamp = Stamp(
            inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec, folder: folder)
        if let last = known[path], last.stamp == stamp { return last }
        do throws(BoardProblem) {
            let bytes = try Self.bytes(of: path)
            return Known(stamp: stamp, result: .success(try Board(parsing: bytes, path: path, folder: folder)))
        } catch {
            return Known(stamp: stamp, result: .failure(error))
        }
    }

    /// Names in a directory, sorted; nil when it cannot be read.
    static func entries(of directory: String) -> [String]? {
        guard let handle = opendir(directory) else { return nil }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names.sorted()
    }

    /// All of a file.
    static func bytes(of path: String) throws(BoardProblem) -> [UInt8] {
        // Without waiting: a pipe may have taken the file's place since it was looked at.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw BoardProblem(path: path, message: String(cString: strerror(errno))) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw BoardProblem(path: path, message: "this is no file")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw BoardProblem(path: path, message: String(cString: strerror(errno))) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= fileLimit else {
                throw BoardProblem(path: path, message: "the file is larger than \(fileLimit >> 20) MiB")
            }
        }
    }
}
