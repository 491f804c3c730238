import Durable
import MartletCore
import Service

/// Dashboard files: read from where Grafana's exports or provisioning have them, written to where martlet-dashboards reads them.
package struct BoardFiles: Sendable {
    private static let sizeLimit = 64 << 20
    private static let depthLimit = 16

    private let fileSystem = DiskFileSystem()

    package init() {}

    /// Dashboards of files and of directories with all below them, where subdirectories are folders; `skip` is told of files that
    /// are none.
    package func read(_ paths: [String], skip: (String) -> Void) throws -> [MovedBoard] {
        var boards: [MovedBoard] = []
        for path in paths { try read(path, folder: nil, depth: 0, isNamed: true, &boards, skip) }
        return boards
    }

    private func read(
        _ path: String, folder: MovedFolder?, depth: Int, isNamed: Bool, _ boards: inout [MovedBoard],
        _ skip: (String) -> Void
    ) throws {
        if try fileSystem.status(path).isDirectory {
            guard depth < Self.depthLimit else { return skip("\(path) is too deep") }
            let own = depth == 0 ? nil : MovedFolder(uid: "", title: FilePath.name(of: path))
            for name in try fileSystem.list(path).sorted() where !name.hasPrefix(".") {
                try read(
                    FilePath.join(path, name), folder: own, depth: depth + 1, isNamed: false, &boards, skip)
            }
            return
        }
        guard isNamed || path.hasSuffix(".json") else { return }
        do {
            let document = try JSONValue(parsing: try fileSystem.read(path, limit: Self.sizeLimit))
            guard var board = MovedBoard(document, folder: folder, origin: path) else {
                return skip("\(path) is no dashboard")
            }
            // An export brings its library panels along.
            var models: [String: JSONValue] = [:]
            for element in board.model["__elements"]?.object ?? [] { models[element.key] = element.value["model"] }
            board.model = LibraryPanels.resolved(board.model, models)
            boards.append(board)
        } catch let error as JSONError {
            skip("\(path): \(error)")
        }
    }

    /// Writes dashboards below `directory`, a subdirectory for each folder. Gives the files.
    package func write(_ boards: [MovedBoard], into directory: String) throws -> [String] {
        var taken: Set<String> = []
        var written: [String] = []
        for board in boards {
            var place = directory
            if let folder = board.folder { place = FilePath.join(place, Self.name(folder.title)) }
            try fileSystem.makeDirectories(place)
            let name = Self.name(board.title)
            var path = FilePath.join(place, name + ".json")
            var number = 1
            while !taken.insert(path).inserted {
                // Titles need not differ, and files of dashboards need not have a uid.
                let suffix = number == 1 && !board.uid.isEmpty ? Self.name(board.uid) : "\(number + 1)"
                path = FilePath.join(place, "\(name)-\(suffix).json")
                number += 1
            }
            var bytes = board.model.bytes
            bytes.append(UInt8(ascii: "\n"))
            try AtomicFile.publish(path, bytes)
            written.append(path)
        }
        return written
    }

    /// Writes a file and the directories above it.
    package func write(_ text: String, to path: String) throws {
        try fileSystem.makeDirectories(FilePath.parent(of: path))
        try AtomicFile.publish(path, Array(text.utf8))
    }

    /// A title as the name of a file: everything but letters, digits and blanks becomes `-`.
    static func name(_ title: String) -> String {
        var name = ""
        for character in title {
            if character.isLetter || character.isNumber || character == " " || character == "_" {
                name.append(character)
            } else if name.last != "-" {
                name.append("-")
            }
        }
        while name.last == " " || name.last == "-" { name.removeLast() }
        while name.first == " " || name.first == "-" { name.removeFirst() }
        while name.utf8.count > 120 { name.removeLast() }
        return name.isEmpty ? "untitled" : name
    }
}
