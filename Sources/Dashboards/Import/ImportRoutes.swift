import BoardModels
import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// Takes dashboards that Grafana has exported, and says beforehand what of them is not supported.
struct ImportRoutes: Sendable {
    let library: BoardLibrary
    let features: BoardFeatures

    func add(to routes: APIRoutes) {
        routes.on(.post, "/api/dashboards/import/report", for: .viewer) { call in
            let body = try await call.object(limit: BoardModel.sizeLimit)
            let (document, report) = try await call.context.blocking.run { [features] in
                let document = try BoardImport.document(body)
                return (document, BoardReport(document, features))
            }
            var exists = false
            if !report.uid.isEmpty { exists = try await library.exists(report.uid) }
            let model: JSONValue.Member? = document.isConverted ? .init("model", document.model) : nil
            return JSONAnswer.value(
                .object(report.json + [.init("exists", .bool(exists))] + [model].compactMap(\.self)))
        }
        routes.on(.post, "/api/dashboards/import", for: .editor) { call in
            let body = try await call.object(limit: BoardModel.sizeLimit)
            let given = (body["inputs"]?.array ?? []).compactMap { input -> (String, String)? in
                guard let name = input["name"]?.string, let value = input["value"]?.string else { return nil }
                return (name, value)
            }
            let sources = library.provisioning.state.sources
            let (filled, report) = try await call.context.blocking.run { [features] in
                let source = try BoardImport.document(body["dashboard"])
                return (
                    try BoardImport.filled(
                        source.model, given: Dictionary(given, uniquingKeysWith: { $1 }), sources: sources,
                        features: features),
                    BoardReport(source, features)
                )
            }
            return try await save(filled, report, body, call)
        }
    }

    private func save(
        _ filled: JSONValue, _ report: BoardReport, _ body: JSONValue, _ call: Call
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
