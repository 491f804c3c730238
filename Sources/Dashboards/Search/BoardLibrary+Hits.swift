import GRDB

extension BoardLibrary {
    /// All that a search could find.
    func hits() async throws -> [SearchHit] {
        let files = provisioning.state.boards
        let titles = Set(files.map(\.folder))
        let hidden = Set(files.map(\.uid))
        let (tree, stored) = try await database.read { database in
            (
                FolderTree(stored: try FolderTable.all(in: database), titlesOfFiles: titles),
                try BoardTable.all(in: database)
            )
        }
        var hits = tree.all.map { folder in
            SearchHit(
                id: folder.id, uid: folder.uid, title: folder.title, description: "", tags: [],
                isFolder: true, folder: tree[folder.parentUID], isProvisioned: folder.isOfFiles,
                updatedAt: folder.updatedAt)
        }
        hits += files.map { board in
            SearchHit(
                id: 0, uid: board.uid, title: board.title, description: board.description,
                tags: board.tags, isFolder: false, folder: tree.ofFiles(board.folder), isProvisioned: true,
                updatedAt: 0)
        }
        hits += stored.filter { !hidden.contains($0.uid) }.map { board in
            SearchHit(
                id: board.id, uid: board.uid, title: board.title, description: board.description,
                tags: board.tags, isFolder: false, folder: tree[board.folderUID], isProvisioned: false,
                updatedAt: board.updatedAt)
        }
        return hits
    }
}
