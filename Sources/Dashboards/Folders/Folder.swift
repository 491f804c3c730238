import MartletCore

/// A folder of dashboards: a stored one, or one that exists because files are listed in it.
struct Folder: Sendable, Hashable {
    /// Row id; 0 for a folder of files.
    let id: Int64
    let uid: String
    /// Empty at the top.
    let parentUID: String
    let title: String
    let version: Int64
    /// Unix seconds.
    let createdAt: Int64
    let createdBy: String
    let updatedAt: Int64
    let updatedBy: String

    /// The page's address.
    var url: String { Slug.address("/dashboards/f/", uid, title, fallback: "folder") }

    /// True for a folder that exists only because files are listed in it.
    var isOfFiles: Bool { id == 0 }

    /// The folder that files of a title are listed in, as long as no stored one has this title.
    init(ofFiles title: String) {
        var bytes = Array(title.utf8)
        bytes.append(0)
        uid = "files-" + String(bytes.withUnsafeBytes { Hash64.hash($0) }, radix: 36)
        (id, parentUID, self.title, version) = (0, "", title, 1)
        (createdAt, createdBy, updatedAt, updatedBy) = (0, "", 0, "")
    }

    init(
        id: Int64, uid: String, parentUID: String, title: String, version: Int64, createdAt: Int64, createdBy: String,
        updatedAt: Int64, updatedBy: String
    ) {
        self.id = id
        self.uid = uid
        self.parentUID = parentUID
        self.title = title
        self.version = version
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.updatedAt = updatedAt
        self.updatedBy = updatedBy
    }
}
