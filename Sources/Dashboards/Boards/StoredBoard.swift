/// A dashboard in the database, without its model.
struct StoredBoard: Sendable, Hashable {
    let id: Int64
    let uid: String
    /// Empty at the top.
    let folderUID: String
    let title: String
    let description: String
    let tags: [String]
    /// Of the newest version; the first is 1.
    let version: Int64
    /// Unix seconds.
    let createdAt: Int64
    /// A login; stays when the user goes.
    let createdBy: String
    let updatedAt: Int64
    let updatedBy: String

    /// The page's address.
    var url: String { Slug.address("/d/", uid, title) }
}
