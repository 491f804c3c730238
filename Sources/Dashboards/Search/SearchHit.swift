import MartletCore

/// A dashboard or a folder as a search finds it.
struct SearchHit: Sendable, Hashable {
    /// Row id; 0 for what comes from files.
    let id: Int64
    let uid: String
    let title: String
    let description: String
    let tags: [String]
    let isFolder: Bool
    /// The folder it lies in; nil at the top.
    let folder: Folder?
    /// True for a dashboard of a file.
    let isProvisioned: Bool
    /// Unix seconds; 0 for what comes from files.
    let updatedAt: Int64

    func json(isStarred: Bool) -> JSONValue {
        let slug = Slug.of(title, fallback: isFolder ? "folder" : "dashboard")
        var members: [JSONValue.Member] = [
            .init("id", .int(id)), .init("orgId", 1), .init("uid", .string(uid)), .init("title", .string(title)),
            .init("uri", .string("db/" + slug)),
            .init("url", .string((isFolder ? "/dashboards/f/" : "/d/") + uid + "/" + slug)),
            .init("slug", .string(slug)),
            .init("type", .string(isFolder ? "dash-folder" : "dash-db")), .init("tags", .strings(tags)),
            .init("isStarred", .bool(isStarred)), .init("description", .string(description)),
            .init("provisioned", .bool(isProvisioned)), .init("sortMeta", 0),
        ]
        if let folder {
            members += [
                .init("folderId", .int(folder.id)), .init("folderUid", .string(folder.uid)),
                .init("folderTitle", .string(folder.title)), .init("folderUrl", .string(folder.url)),
            ]
        }
        if updatedAt > 0 { members.append(.init("updated", .time(updatedAt))) }
        return .object(members)
    }
}
