import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// Takes dashboards that Grafana has exported, and says beforehand what of them is not supported.
struct ImportRoutes: Sendable {
    let library: BoardLibrary
    let features: SupportedFeatures

    func add(to routes: APIRoutes) {
        routes.on(.post, "/api/dashboards/import/report", for: .viewer) { call in
            let body = try await call.object(limit: BoardModel.sizeLimit)
            let model = try BoardImport.model(body)
            let report = try await call.context.blocking.run { [features] in ImportReport(model, features) }
            var exists = false
            if !report.uid.isEmpty { exists = try await library.exists(report.uid) }
            return JSONAnswer.value(.object(report.json + [.init("exists", .bool(exists))]))
        }
        routes.on(.post, "/api/dashboards/import", for: .editor) { call in
            let body = try await call.object(limit: BoardModel.sizeLimit)
            let source = try BoardImport.model(body["dashboard"])
            let given = (body["inputs"]?.array ?? []).compactMap { input -> (String, String)? in
                guard let name = input["name"]?.string, let value = input["value"]?.string else { return nil }
                return (name, value)
            }
            let sources = library.provisioning.state.sources
            let (filled, report) = try await call.context.blocking.run { [features] in
                (
                    try BoardImport.filled(
                        source, given: Dictionary(given, uniquingKeysWith: { $1 }), sources: sources,
                        features: features),
                    ImportReport(source, features)
                )
            }
            return try await save(filled, report, body, call)
        }
    }

    private func save(
        _ filled: JSONValue, _ report: ImportReport, _ body: JSONValue, _ call: Call
    ) async throws -> Response {
        let model = try BoardModel(filled)
        let overwrites = body["overwrite"]?.bool ?? false
        if !overwrites, !model.uid.isEmpty, try await library.exists(model.uid) {
            throw StatusFailure(
                .preconditionFailed, "name-exists", "A dashboard with the same uid already exists",
                [.init("uid", .string(model.uid))])
        }
        let saving = BoardLibrary.Saving(
            model: model, folderUID: body["folderUid"]?.string, message: "Imported", overwrites: overwrites)
        let board = try await library.save(saving, by: call.caller)
        return JSONAnswer.value([
            "uid": .string(board.uid), "pluginId": "", "title": .string(board.title), "imported": true,
            "importedUri": .string("db/" + Slug.of(board.title)), "importedUrl": .string(board.url),
            "slug": .string(Slug.of(board.title)), "dashboardId": .int(board.id),
            "folderUid": .string(board.folderUID), "importedRevision": .int(board.version),
            "revision": .int(board.version), "description": .string(board.description), "path": "", "removed": false,
            "report": .object(report.json),
        ])
    }
}
