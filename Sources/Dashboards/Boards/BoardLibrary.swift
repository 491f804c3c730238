import GRDB
import HTTPTypes
import MartletCore
import Service

/// All dashboards: those of files and those that were saved here. A file wins over what is stored under the same uid: as long
/// as the file is there, the stored one is neither shown nor changed.
struct BoardLibrary: Sendable {
    let provisioning: Provisioning
    let database: DashboardDatabase

    /// Stored dashboards in all.
    static let countLimit = 20_000
    /// Longest note on a version, in bytes.
    static let messageLimit = 4 << 10

    /// What somebody wants to save.
    struct Saving: Sendable {
        let model: BoardModel
        /// nil keeps a dashboard where it is, and puts a new one at the top.
        var folderUID: String?
        var message = ""
        /// Saves over a version that is not the one that was changed, and beside a dashboard of the same name.
        var overwrites = false
        /// The version whose content this is; 0 for none.
        var restoredFrom: Int64 = 0
    }

    /// The dashboard of a file; nil when no file has the uid.
    func file(_ uid: String) -> Board? {
        provisioning.state.boards.first { $0.uid == uid }
    }

    /// The model of a dashboard of a file, as JSON text.
    /// - Throws: ``HTTPFailure`` 404 when the file has changed since it was listed and cannot be used any more.
    func model(ofFile board: Board) async throws -> [UInt8] {
        do {
            return try await provisioning.model(of: board)
        } catch let problem as BoardProblem {
            throw HTTPFailure(.notFound, "\(board.title) is in a file that has changed: \(problem.message)")
        }
    }

    private func titlesOfFiles() -> Set<String> {
        Set(provisioning.state.boards.map(\.folder))
    }

    /// All folders.
    func folders() async throws -> FolderTree {
        let titles = titlesOfFiles()
        return try await database.read { FolderTree(stored: try FolderTable.all(in: $0), titlesOfFiles: titles) }
    }

    /// A stored dashboard that no file hides.
    /// - Throws: ``StatusFailure`` 404.
    func stored(_ uid: String) async throws -> StoredBoard {
        guard let board = try await findStored(uid) else { throw Self.notFound }
        return board
    }

    /// The same; nil when there is none.
    func findStored(_ uid: String) async throws -> StoredBoard? {
        guard file(uid) == nil else { return nil }
        return try await database.read { try BoardTable.find(uid, in: $0) }
    }

    /// True when there is a dashboard with the uid.
    func exists(_ uid: String) async throws -> Bool {
        if file(uid) != nil { return true }
        return try await database.read { try BoardTable.find(uid, in: $0) != nil }
    }

    static let notFound = StatusFailure(.notFound, "not-found", "Dashboard not found")

    // MARK: Changes

    /// Saves a new dashboard or a new version.
    /// - Throws: ``StatusFailure`` 412 when somebody else has saved meanwhile, and for a name that is taken.
    func save(_ saving: Saving, by caller: Caller) async throws -> StoredBoard {
        let model = saving.model
        guard saving.message.utf8.count <= Self.messageLimit else {
            throw HTTPFailure(.badRequest, "the message has more than \(Self.messageLimit) bytes")
        }
        guard model.uid.isEmpty || file(model.uid) == nil else {
            throw HTTPFailure(.badRequest, "Cannot save provisioned dashboard")
        }
        let titles = titlesOfFiles()
        return try await database.change(by: caller) { change in
            let database = change.database
            let last = model.uid.isEmpty ? nil : try BoardTable.find(model.uid, in: database)
            let uid = model.uid.isEmpty ? RandomText.uid() : model.uid
            let folder = try Self.place(saving.folderUID, otherwise: last?.folderUID ?? "", titles, change)
            if let last, last.version != model.version, !saving.overwrites {
                throw StatusFailure(
                    .preconditionFailed, "version-mismatch", "The dashboard has been changed by someone else",
                    [
                        .init("version", .int(last.version)), .init("updatedBy", .string(last.updatedBy)),
                        .init("updated", .time(last.updatedAt)),
                    ])
            }
            let isRenamed = last?.title != model.title || last?.folderUID != folder
            if isRenamed, !saving.overwrites,
                let other = try BoardTable.namesake(of: model.title, in: folder, but: uid, database)
            {
                throw StatusFailure(
                    .preconditionFailed, "name-exists",
                    "A dashboard with the same name in the folder already exists", [.init("uid", .string(other.uid))])
            }
            if last == nil {
                try Self.checkCount("boards", Self.countLimit, "dashboards", in: database)
            }
            let board = try BoardTable.write(
                model, uid: uid, folderUID: folder, over: last, message: saving.message,
                restoredFrom: saving.restoredFrom, change)
            try change.note(
                saving.restoredFrom > 0 ? "dashboard.restore" : last == nil ? "dashboard.create" : "dashboard.save",
                uid,
                "\(model.title), version \(board.version)"
                    + (saving.restoredFrom > 0 ? " from version \(saving.restoredFrom)" : ""))
            return board
        }
    }

    /// Saves the content of an earlier version as the newest.
    func restore(_ uid: String, version: Int64, by caller: Caller) async throws -> StoredBoard {
        let board = try await stored(uid)
        let (old, new) = try await database.read { database in
            (
                try BoardTable.model(board, version: version, in: database),
                try BoardTable.model(board, version: board.version, in: database)
            )
        }
        guard let old else { throw HTTPFailure(.notFound, "Dashboard version not found") }
        let model = try BoardModel(JSONValue(parsing: old))
        if let new, model.hasSameContent(as: new) {
            throw HTTPFailure(.badRequest, "Current dashboard is identical to the specified version")
        }
        let saving = Saving(
            model: model, message: "Restored from version \(version)", overwrites: true, restoredFrom: version)
        return try await save(saving, by: caller)
    }

    /// Moves a dashboard to another folder; its versions stay as they are.
    func move(_ uid: String, to folderUID: String, by caller: Caller) async throws -> StoredBoard {
        try refuseFile(uid, "Cannot save provisioned dashboard")
        let titles = titlesOfFiles()
        return try await database.change(by: caller) { change in
            guard let board = try BoardTable.find(uid, in: change.database) else { throw Self.notFound }
            let folder = try Self.place(folderUID, otherwise: "", titles, change)
            try BoardTable.move(board, to: folder, in: change.database)
            try change.note("dashboard.move", uid, "\(board.title), to \(folder.nonEmpty ?? "the top")")
            return try BoardTable.find(uid, in: change.database) ?? board
        }
    }

    /// Removes a dashboard.
    /// - Returns: what it was.
    func remove(_ uid: String, by caller: Caller) async throws -> StoredBoard {
        try refuseFile(uid, "provisioned dashboard cannot be deleted")
        return try await database.change(by: caller) { change in
            guard let board = try BoardTable.find(uid, in: change.database) else { throw Self.notFound }
            try BoardTable.remove(board, in: change.database)
            try change.note("dashboard.delete", uid, "\(board.title), version \(board.version)")
            return board
        }
    }

    private func refuseFile(_ uid: String, _ message: String) throws(HTTPFailure) {
        guard file(uid) == nil else { throw HTTPFailure(.badRequest, message) }
    }

    /// The folder in which something is to be, empty for the top. A folder of files becomes a stored one.
    static func place(
        _ wanted: String?, otherwise: String, _ titlesOfFiles: Set<String>, _ change: Change
    ) throws -> String {
        guard let wanted else { return otherwise }
        guard !FolderTree.topNames.contains(wanted) else { return "" }
        let tree = FolderTree(stored: try FolderTable.all(in: change.database), titlesOfFiles: titlesOfFiles)
        guard let folder = tree[wanted] else { throw HTTPFailure(.badRequest, "Folder not found") }
        guard folder.isOfFiles else { return folder.uid }
        return try FolderTable.add(uid: folder.uid, title: folder.title, parentUID: "", change).uid
    }

    /// - Throws: ``HTTPFailure`` 400 when a table has as many rows as it may.
    static func checkCount(_ table: String, _ limit: Int, _ what: String, in database: Database) throws {
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)") ?? 0
        guard count < limit else {
            throw HTTPFailure(.badRequest, "there are \(limit) \(what) already, which is the most")
        }
    }
}
