import BoardModels
import HTTPTypes
import MartletCore
import Service

/// A dashboard's model as somebody wants to save it, looked through as far as lists and searches need it.
struct BoardModel: Sendable {
    /// Empty when the server is to choose one.
    let uid: String
    let title: String
    let description: String
    let tags: [String]
    /// The version that was changed; 0 when the model names none.
    let version: Int64
    /// All members but `id`, `uid` and `version`.
    let members: [JSONValue.Member]

    /// Longest model, in bytes of its text.
    static let sizeLimit = BoardReader.fileLimit
    private static let titleLimit = 255
    private static let descriptionLimit = 16 << 10
    private static let tagLimit = 100

    /// - Throws: ``StatusFailure`` and ``HTTPFailure`` 400 with what is wrong.
    init(_ value: JSONValue?) throws {
        guard let given = value, given.object != nil else {
            throw HTTPFailure(.badRequest, "the body needs dashboard, an object")
        }
        // Kept in the classic model, whatever form it comes in.
        let value = BoardDocument(given).model
        let members = value.object ?? []
        let title = (value["title"]?.string ?? "").trimmed
        guard !title.isEmpty else {
            throw StatusFailure(.badRequest, "empty-name", "Dashboard title cannot be empty")
        }
        guard title.fits(Self.titleLimit) else {
            throw HTTPFailure(.badRequest, "the title has more than \(Self.titleLimit) characters")
        }
        for list in ["panels", "rows"] {
            if let value = value[list], !value.isNull, value.array == nil {
                throw HTTPFailure(.badRequest, "\(list) must be a list")
            }
        }
        let description = value["description"]?.string ?? ""
        guard description.utf8.count <= Self.descriptionLimit else {
            throw HTTPFailure(.badRequest, "the description has more than \(Self.descriptionLimit) bytes")
        }
        var tags: [String] = []
        for tag in value["tags"]?.array?.compactMap(\.string) ?? [] where !tag.isEmpty && !tags.contains(tag) {
            guard tag.fits(Self.tagLimit), tags.count < Self.tagLimit else {
                throw HTTPFailure(
                    .badRequest, "at most \(Self.tagLimit) tags, each of at most \(Self.tagLimit) characters")
            }
            tags.append(tag)
        }
        uid = try BoardUID.check(value["uid"]?.string ?? "")
        self.title = title
        self.description = description
        self.tags = tags
        version = value["version"]?.int64 ?? 0
        self.members = members.filter { !["id", "uid", "version"].contains($0.key) }
    }

    /// The text that is stored and served.
    func text(id: Int64, uid: String, version: Int64) -> [UInt8] {
        JSONValue.object(
            [.init("id", .int(id)), .init("uid", .string(uid)), .init("version", .int(version))] + members
        ).bytes
    }

    /// True when the text of another version says the same.
    func hasSameContent(as text: [UInt8]) -> Bool {
        guard let other = try? BoardModel(JSONValue(parsing: text)) else { return false }
        return other.members == members
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
