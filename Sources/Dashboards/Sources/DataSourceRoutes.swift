import HTTPTypes
import Hummingbird
import Logging
import MartletCore
import Service

/// The list of data sources, their health, and the proxy to them.
struct DataSourceRoutes: Sendable {
    let provisioning: Provisioning
    let proxy: DataSourceProxy
    let database: DashboardDatabase

    func add(to routes: APIRoutes) {
        routes.on(.get, "/api/datasources", for: .viewer) { _ in
            let sources = provisioning.state.sources
            return JSONAnswer.make { writer in
                writer.beginArray()
                for (index, source) in sources.enumerated() { source.write(to: &writer, id: index + 1) }
                writer.endArray()
            }
        }
        routes.on(.get, "/api/datasources/uid/{uid}", for: .viewer) { call in
            let source = try find(call)
            return JSONAnswer.make { source.write(to: &$0, id: 1) }
        }
        routes.on(.get, "/api/datasources/uid/{uid}/health", for: .viewer) { call in
            let problem = await proxy.health(of: try find(call))
            return JSONAnswer.make { writer in
                writer.beginObject()
                writer.key("status")
                writer.string(problem == nil ? "OK" : "ERROR")
                writer.key("message")
                writer.string(problem ?? "Data source is working")
                writer.endObject()
            }
        }
        routes.on(.post, "/api/datasources/batch", for: .viewer) { call in
            let body = try await call.object(limit: DataSourceProxy.requestLimit)
            return try QueryBatch(body, sources: provisioning.state.sources, proxy: proxy).response(call.context)
        }
        for method: HTTPRequest.Method in [.get, .post, .delete] {
            routes.on(method, "/api/datasources/proxy/uid/{uid}/**", for: .viewer) { call in
                let source = try find(call)
                // The raw path, because decoding may hide what its segments are.
                let prefix = "/api/datasources/proxy/uid/\(source.uid)"
                guard call.request.uri.path.hasPrefix(prefix + "/") else {
                    throw HTTPFailure(.badRequest, "the path is malformed")
                }
                let path = String(call.request.uri.path.dropFirst(prefix.count))
                let answer = try await proxy.pass(call, to: source, path: path)
                if let action = ProxyRules.change(source.kind, method: method, path: path),
                    answer.status.kind == .successful
                {
                    await note(action, source, path, call)
                }
                return answer
            }
        }
    }

    /// Notes in the audit what was changed at a source. It has happened, so that a failure here must not look like its own.
    private func note(_ action: String, _ source: DataSource, _ path: String, _ call: Call) async {
        do {
            try await database.change(by: call.caller) { try $0.note(action, source.uid, path) }
        } catch {
            call.context.logger.error(
                "a line of the audit is lost",
                metadata: [
                    "user": .string(call.caller.user.login), "action": .string(action), "error": .string("\(error)"),
                ])
        }
    }

    private func find(_ call: Call) throws(HTTPFailure) -> DataSource {
        let uid = call.name("uid")
        guard let source = provisioning.state.sources.first(where: { $0.uid == uid }) else {
            throw HTTPFailure(.notFound, "Data source not found")
        }
        return source
    }
}
