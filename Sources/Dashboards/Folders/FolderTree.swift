/// All folders, and where each lies.
struct FolderTree: Sendable {
    /// Folders below each other.
    static let depthLimit = 4
    /// Folders in all.
    static let countLimit = 5_000
    /// What the top is called where a folder is asked for.
    static let topNames: Set = ["", "general"]

    /// By uid.
    private let folders: [String: Folder]
    private let byTopTitle: [String: Folder]

    /// - Parameters:
    ///   - stored: those of the database.
    ///   - titlesOfFiles: titles under which files are listed.
    init(stored: [Folder], titlesOfFiles: Set<String>) {
        let top = Dictionary(
            stored.filter { $0.parentUID.isEmpty }.map { ($0.title, $0) }, uniquingKeysWith: { one, _ in one })
        let others = titlesOfFiles.filter { !$0.isEmpty && top[$0] == nil }.map { Folder(ofFiles: $0) }
        byTopTitle = top.merging(others.map { ($0.title, $0) }, uniquingKeysWith: { one, _ in one })
        folders = Dictionary((stored + others).map { ($0.uid, $0) }, uniquingKeysWith: { one, _ in one })
    }

    subscript(uid: String) -> Folder? { folders[uid] }

    /// The folder in which files of a title are listed; nil for the top.
    func ofFiles(_ title: String) -> Folder? { byTopTitle[title] }

    /// In the order of their titles.
    var all: [Folder] {
        folders.values.sorted { ($0.title.lowercased(), $0.uid) < ($1.title.lowercased(), $1.uid) }
    }

    /// The folders right below one, or at the top for an empty uid.
    func children(of uid: String) -> [Folder] { all.filter { $0.parentUID == uid } }

    /// From the top down to the folder itself.
    func path(to uid: String) -> [Folder] {
        var path: [Folder] = []
        var next = uid
        while let folder = folders[next], path.count <= Self.depthLimit {
            path.append(folder)
            next = folder.parentUID
        }
        return path.reversed()
    }

    /// The folder's uid and those of all below it.
    func subtree(of uid: String) -> Set<String> {
        let children = Dictionary(grouping: folders.values, by: \.parentUID)
        var found: Set = [uid]
        var waiting = [uid]
        while let next = waiting.popLast() {
            for child in children[next] ?? [] where found.insert(child.uid).inserted {
                waiting.append(child.uid)
            }
        }
        return found
    }

    /// Levels that a folder and those below it take.
    func height(of uid: String) -> Int {
        let depth = path(to: uid).count
        return (subtree(of: uid).map { path(to: $0).count }.max() ?? depth) - depth + 1
    }
}
