import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// Folders in the shapes of Grafana's HTTP API.
struct FolderRoutes: Sendable {
    let folders: FolderLibrary

    func add(to routes: APIRoutes) {
        routes.on(.get, "/api/folders", for: .viewer) { call in
            let tree = try await folders.library.folders()
            let parent = call.query["parentUid"] ?? ""
            if !FolderTree.topNames.contains(parent), tree[parent] == nil {
                throw HTTPFailure(.notFound, "folder not found")
            }
            let (size, skipped) = call.page(size: "limit", usual: 1000, most: 5000)
            let children = tree.children(of: FolderTree.topNames.contains(parent) ? "" : parent)
            return JSONAnswer.value(.array(children.dropFirst(skipped).prefix(size).map(Self.short)))
        }
        routes.on(.get, "/api/folders/{uid}", for: .viewer) { call in
            let (folder, tree) = try await folders.find(call.name("uid"))
            return JSONAnswer.value(Self.json(folder, tree, call.caller))
        }
        routes.on(.get, "/api/folders/{uid}/counts", for: .viewer) { call in
            let counts = try await folders.counts(of: call.name("uid"))
            return JSONAnswer.value(["folder": .int(counts.folders), "dashboard": .int(counts.boards)])
        }
        routes.on(.post, "/api/folders", for: .editor) { call in
            let body = try await call.object()
            let folder = try await folders.add(
                uid: body["uid"]?.string ?? "", title: body["title"]?.string ?? "",
                parentUID: body["parentUid"]?.string ?? "", by: call.caller)
            return try await answer(folder, call)
        }
        routes.on(.put, "/api/folders/{uid}", for: .editor) { call in
            let body = try await call.object()
            let version = body["version"]?.int64
            let overwrites = body["overwrite"]?.bool ?? false
            guard overwrites || version != nil else {
                throw HTTPFailure(.badRequest, "the body needs the version that was changed, or overwrite: true")
            }
            let folder = try await folders.rename(
                call.name("uid"), title: body["title"]?.string ?? "", version: overwrites ? nil : version,
                by: call.caller)
            return try await answer(folder, call)
        }
        routes.on(.post, "/api/folders/{uid}/move", for: .editor) { call in
            let parent = try await call.object()["parentUid"]?.string ?? ""
            return try await answer(
                try await folders.move(call.name("uid"), below: parent, by: call.caller), call)
        }
        routes.on(.delete, "/api/folders/{uid}", for: .editor) { call in
            let folder = try await folders.remove(call.name("uid"), by: call.caller)
            return JSONAnswer.value([
                "id": .int(folder.id), "title": .string(folder.title),
                "message": .string("Folder \(folder.title) deleted"),
            ])
        }
    }

    private func answer(_ folder: Folder, _ call: Call) async throws -> Response {
        JSONAnswer.value(Self.json(folder, try await folders.library.folders(), call.caller))
    }

    private static func short(_ folder: Folder) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", .int(folder.id)), .init("uid", .string(folder.uid)), .init("title", .string(folder.title)),
            .init("url", .string(folder.url)),
        ]
        if !folder.parentUID.isEmpty { members.append(.init("parentUid", .string(folder.parentUID))) }
        return .object(members)
    }

    private static func json(_ folder: Folder, _ tree: FolderTree, _ caller: Caller) -> JSONValue {
        let mayEdit = JSONValue.bool(caller.may(.editor) && !folder.isOfFiles)
        return [
            "id": .int(folder.id), "uid": .string(folder.uid), "orgId": 1, "title": .string(folder.title),
            "url": .string(folder.url), "hasAcl": false, "canSave": mayEdit, "canEdit": mayEdit, "canAdmin": mayEdit,
            "canDelete": mayEdit, "createdBy": .string(folder.createdBy), "created": .time(folder.createdAt),
            "updatedBy": .string(folder.updatedBy), "updated": .time(folder.updatedAt),
            "version": .int(folder.version), "parentUid": .string(folder.parentUID),
            "parents": .array(tree.path(to: folder.parentUID).map(short)), "provisioned": .bool(folder.isOfFiles),
        ]
    }
}
