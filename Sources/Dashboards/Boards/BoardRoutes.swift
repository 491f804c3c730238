import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// Hands out, saves, moves and removes dashboards in the shapes of Grafana's HTTP API.
struct BoardRoutes: Sendable {
    let library: BoardLibrary
    let personal: PersonalTables

    func add(to routes: APIRoutes) {
        routes.on(.get, "/api/dashboards/uid/{uid}", for: .viewer) { call in try await board(call) }
        routes.on(.post, "/api/dashboards/db", for: .editor) { call in try await save(call) }
        routes.on(.delete, "/api/dashboards/uid/{uid}", for: .editor) { call in
            let board = try await library.remove(call.name("uid"), by: call.caller)
            return JSONAnswer.value([
                "title": .string(board.title), "uid": .string(board.uid),
                "message": .string("Dashboard \(board.title) deleted"),
            ])
        }
        routes.on(.post, "/api/dashboards/uid/{uid}/move", for: .editor) { call in
            guard let folder = try await call.object()["folderUid"]?.string else {
                throw HTTPFailure(.badRequest, "the body needs folderUid; \"\" is the top")
            }
            let board = try await library.move(call.name("uid"), to: folder, by: call.caller)
            return Self.saved(board)
        }
        for (name, title) in [("dashboards", "Dashboards"), ("datasources", "Datasources")] {
            routes.on(.post, RouterPath("/api/admin/provisioning/\(name)/reload"), for: .admin) { _ in
                try await library.provisioning.refresh()
                return JSONAnswer.message("\(title) config reloaded")
            }
        }
        routes.on(.get, "/api/provisioning/errors", for: .viewer) { _ in
            let problems = library.provisioning.state.problems
            return JSONAnswer.value(
                .array(problems.map { ["path": .string($0.path), "message": .string($0.message)] }))
        }
    }

    private func save(_ call: Call) async throws -> Response {
        let body = try await call.object(limit: BoardModel.sizeLimit)
        if body["isFolder"]?.bool == true {
            throw HTTPFailure(.badRequest, "folders are made with POST /api/folders")
        }
        let saving = BoardLibrary.Saving(
            model: try BoardModel(body["dashboard"]), folderUID: body["folderUid"]?.string,
            message: body["message"]?.string ?? "", overwrites: body["overwrite"]?.bool ?? false)
        return Self.saved(try await library.save(saving, by: call.caller))
    }

    /// What Grafana says about a dashboard that was saved.
    static func saved(_ board: StoredBoard) -> Response {
        JSONAnswer.value([
            "id": .int(board.id), "uid": .string(board.uid), "url": .string(board.url), "status": "success",
            "version": .int(board.version), "slug": .string(Slug.of(board.title)),
            "folderUid": .string(board.folderUID),
        ])
    }

    private func board(_ call: Call) async throws -> Response {
        let (uid, user) = (call.name("uid"), call.caller.user)
        let isStarred = try await personal.stars(of: user).contains(uid)
        let tree = try await library.folders()
        // Pages ask for annotations only where there are some.
        let isAnnotated = try await library.database.read { try AnnotationTable.exist(on: uid, in: $0) }
        if let board = library.file(uid) {
            var meta = Self.meta(of: board.title, board.url, tree.ofFiles(board.folder), tree)
            meta += [
                .init("provisioned", true), .init("provisionedExternalId", .string(board.path)),
                .init("isStarred", .bool(isStarred)), .init("canSave", false), .init("canEdit", false),
                .init("canDelete", false), .init("canAdmin", false), .init("canStar", true), .init("version", 1),
                .init("annotated", .bool(isAnnotated)),
            ]
            return Self.answer(meta, try await library.model(ofFile: board))
        }
        let board = try await library.stored(uid)
        guard
            let json = try await library.database.read({
                try BoardTable.model(board, version: board.version, in: $0)
            })
        else { throw BoardLibrary.notFound }
        var meta = Self.meta(of: board.title, board.url, tree[board.folderUID], tree)
        let mayEdit = JSONValue.bool(call.caller.may(.editor))
        meta += [
            .init("provisioned", false), .init("provisionedExternalId", ""), .init("isStarred", .bool(isStarred)),
            .init("canSave", mayEdit), .init("canEdit", mayEdit), .init("canDelete", mayEdit),
            .init("canAdmin", .bool(call.caller.may(.admin))), .init("canStar", true),
            .init("version", .int(board.version)), .init("created", .time(board.createdAt)),
            .init("createdBy", .string(board.createdBy)), .init("updated", .time(board.updatedAt)),
            .init("updatedBy", .string(board.updatedBy)), .init("annotated", .bool(isAnnotated)),
        ]
        return Self.answer(meta, json)
    }

    private static func meta(
        of title: String, _ url: String, _ folder: Folder?, _ tree: FolderTree
    ) -> [JSONValue.Member] {
        [
            .init("type", "db"), .init("slug", .string(Slug.of(title))), .init("url", .string(url)),
            .init("isFolder", false), .init("hasAcl", false), .init("folderId", .int(folder?.id ?? 0)),
            .init("folderUid", .string(folder?.uid ?? "")), .init("folderTitle", .string(folder?.title ?? "")),
            .init("folderUrl", .string(folder?.url ?? "")),
        ]
    }

    private static func answer(_ meta: [JSONValue.Member], _ json: [UInt8]) -> Response {
        JSONAnswer.make { writer in
            writer.beginObject()
            writer.key("meta")
            JSONValue.object(meta).write(to: &writer)
            writer.key("dashboard")
            writer.raw(json)
            writer.endObject()
        }
    }
}
