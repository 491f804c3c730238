import GRDB
import HTTPTypes
import MartletCore
import Service

/// Makes, changes and removes folders.
struct FolderLibrary: Sendable {
    let library: BoardLibrary

    private static let titleLimit = 255

    func find(_ uid: String) async throws -> (folder: Folder, tree: FolderTree) {
        let tree = try await library.folders()
        return (try Self.folder(uid, in: tree), tree)
    }

    func add(uid: String, title: String, parentUID: String, by caller: Caller) async throws -> Folder {
        let (uid, title) = (try BoardUID.check(uid), try Self.check(title: title))
        // Whoever asks for this folder gets the top, so that nobody could reach one of this name.
        guard !FolderTree.topNames.contains(uid) || uid.isEmpty else {
            throw HTTPFailure(.badRequest, "the uid \(uid) stands for the top; choose another one")
        }
        return try await change(by: caller) { change, tree, titles in
            try BoardLibrary.checkCount("folders", FolderTree.countLimit, "folders", in: change.database)
            let parent = try BoardLibrary.place(parentUID, otherwise: "", titles, change)
            guard tree.path(to: parent).count < FolderTree.depthLimit else { throw Self.tooDeep }
            let uid = uid.isEmpty ? RandomText.uid() : uid
            guard tree[uid] == nil else {
                throw HTTPFailure(.conflict, "a folder with the same uid already exists")
            }
            try Self.checkNamesake(title, in: parent, but: uid, tree)
            let folder = try FolderTable.add(uid: uid, title: title, parentUID: parent, change)
            try change.note("folder.create", uid, title)
            return folder
        }
    }

    /// - Parameter version: that which was changed; nil changes whatever is there.
    func rename(_ uid: String, title: String, version: Int64?, by caller: Caller) async throws -> Folder {
        let title = try Self.check(title: title)
        return try await change(by: caller) { change, tree, _ in
            let folder = try Self.changeable(uid, in: tree)
            guard version == nil || version == folder.version else {
                throw StatusFailure(
                    .preconditionFailed, "version-mismatch", "the folder has been changed by someone else",
                    [.init("version", .int(folder.version))])
            }
            try Self.checkNamesake(title, in: folder.parentUID, but: uid, tree)
            let changed = try FolderTable.update(folder, title: title, parentUID: folder.parentUID, change)
            try change.note("folder.rename", uid, "\(folder.title) is now \(title)")
            return changed
        }
    }

    func move(_ uid: String, below parentUID: String, by caller: Caller) async throws -> Folder {
        try await change(by: caller) { change, tree, titles in
            let folder = try Self.changeable(uid, in: tree)
            let parent = try BoardLibrary.place(parentUID, otherwise: "", titles, change)
            guard !tree.subtree(of: uid).contains(parent) else {
                throw HTTPFailure(.badRequest, "a folder cannot be moved into itself or one below it")
            }
            guard tree.path(to: parent).count + tree.height(of: uid) <= FolderTree.depthLimit else {
                throw Self.tooDeep
            }
            try Self.checkNamesake(folder.title, in: parent, but: uid, tree)
            let changed = try FolderTable.update(folder, title: folder.title, parentUID: parent, change)
            try change.note("folder.move", uid, "\(folder.title), below \(parent.nonEmpty ?? "the top")")
            return changed
        }
    }

    /// Removes a folder with all that is stored in it.
    func remove(_ uid: String, by caller: Caller) async throws -> Folder {
        try await change(by: caller) { change, tree, _ in
            let folder = try Self.changeable(uid, in: tree)
            let gone = tree.subtree(of: uid)
            let boards = try BoardTable.all(in: change.database).filter { gone.contains($0.folderUID) }
            for board in boards {
                try BoardTable.remove(board, in: change.database)
                try change.note("dashboard.delete", board.uid, "\(board.title), with its folder")
            }
            try FolderTable.remove(folder, in: change.database)
            try change.note(
                "folder.delete", uid,
                "\(folder.title), with \(gone.count - 1) folders and \(boards.count) dashboards in it")
            return folder
        }
    }

    /// What lies in a folder and below it.
    func counts(of uid: String) async throws -> (folders: Int, boards: Int) {
        let (folder, tree) = try await find(uid)
        let subtree = tree.subtree(of: folder.uid)
        let hits = try await library.hits()
        return (subtree.count - 1, hits.count { !$0.isFolder && subtree.contains($0.folder?.uid ?? "") })
    }

    // MARK: Checks

    private func change(
        by caller: Caller, _ body: @escaping @Sendable (Change, FolderTree, Set<String>) throws -> Folder
    ) async throws -> Folder {
        let titles = Set(library.provisioning.state.boards.map(\.folder))
        return try await library.database.change(by: caller) { change in
            let tree = FolderTree(stored: try FolderTable.all(in: change.database), titlesOfFiles: titles)
            return try body(change, tree, titles)
        }
    }

    private static let tooDeep = HTTPFailure(
        .badRequest, "folders lie at most \(FolderTree.depthLimit) levels below each other")

    private static func folder(_ uid: String, in tree: FolderTree) throws(HTTPFailure) -> Folder {
        guard let folder = tree[uid] else { throw HTTPFailure(.notFound, "folder not found") }
        return folder
    }

    private static func changeable(_ uid: String, in tree: FolderTree) throws(HTTPFailure) -> Folder {
        let folder = try folder(uid, in: tree)
        guard !folder.isOfFiles else {
            throw HTTPFailure(.badRequest, "this folder comes from files (provisioning) and is changed there")
        }
        return folder
    }

    private static func check(title: String) throws(HTTPFailure) -> String {
        let title = title.trimmed
        guard !title.isEmpty else { throw HTTPFailure(.badRequest, "folder title cannot be empty") }
        guard title.fits(titleLimit) else {
            throw HTTPFailure(.badRequest, "the title has more than \(titleLimit) characters")
        }
        return title
    }

    private static func checkNamesake(
        _ title: String, in parent: String, but uid: String, _ tree: FolderTree
    ) throws(HTTPFailure) {
        guard !tree.children(of: parent).contains(where: { $0.title == title && $0.uid != uid }) else {
            throw HTTPFailure(.conflict, "a folder with the same name already exists in the same place")
        }
    }
}
