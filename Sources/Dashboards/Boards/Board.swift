import BoardModels
package import MartletCore

/// A dashboard read from a file: what lists and searches need of it. Its model stays on the disk until somebody opens it, so
/// that thousands of files cost next to no memory.
package struct Board: Sendable, Equatable {
    /// Its id in addresses, unique among all boards.
    package let uid: String
    package let title: String
    package let description: String
    package let tags: [String]
    /// Title of the folder it is listed in; empty for none.
    package let folder: String
    /// The file it came from.
    package let path: String
    /// Longest uid, as Grafana has it.
    static let uidLimit = 40

    /// Reads the text of a dashboard file, in any form that ``BoardDocument`` reads.
    /// - Parameters:
    ///   - bytes: the file's content.
    ///   - path: the file, for errors and for a uid when the model has none.
    ///   - folder: where it is listed.
    package init(parsing bytes: [UInt8], path: String, folder: String) throws(BoardProblem) {
        let model = try Self.model(parsing: bytes, path: path)
        uid = model["uid"]?.string ?? ""
        title = model["title"]?.string ?? Self.baseName(of: path)
        description = model["description"]?.string ?? ""
        tags = model["tags"]?.array?.compactMap(\.string) ?? []
        self.folder = folder
        self.path = path
    }

    /// The model in the text of a dashboard file, always with a uid.
    /// - Parameters: as of ``init(parsing:path:folder:)``.
    package static func model(parsing bytes: [UInt8], path: String) throws(BoardProblem) -> JSONValue {
        var model: JSONValue
        do {
            model = try JSONValue(parsing: bytes)
        } catch {
            throw BoardProblem(path: path, message: "\(error)")
        }
        model = BoardDocument(model).model
        guard var members = model.object else {
            throw BoardProblem(path: path, message: "a dashboard must be a JSON object")
        }
        guard model["panels"]?.array != nil || model["rows"]?.array != nil || model["title"]?.string != nil else {
            throw BoardProblem(path: path, message: "this is no dashboard: it has neither title nor panels")
        }
        var uid = model["uid"]?.string ?? ""
        if uid.isEmpty {
            uid = Self.uid(from: path)
            members.removeAll { $0.key == "uid" }
            members.append(.init("uid", .string(uid)))
        }
        guard uid.utf8.count <= Self.uidLimit, !uid.contains("/") else {
            throw BoardProblem(path: path, message: "the uid \"\(uid.prefix(60))\" must be at most 40 bytes without /")
        }
        return .object(members)
    }

    /// The title as it stands in addresses: lower case, `-` between words.
    package var slug: String { Slug.of(title) }

    /// The page's address.
    package var url: String { Slug.address("/d/", uid, title) }

    private static func uid(from path: String) -> String {
        var bytes = Array(path.utf8)
        bytes.append(0)
        let hash = bytes.withUnsafeBytes { Hash64.hash($0) }
        return "file-" + String(hash, radix: 36)
    }

    private static func baseName(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return name.hasSuffix(".json") ? String(name.dropLast(5)) : String(name)
    }
}
