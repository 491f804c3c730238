import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// The list of data sources, their health, and the proxy to them.
struct DataSourceRoutes: Sendable {
    let provisioning: Provisioning
    let proxy: DataSourceProxy
    let accounts: AccountRoutes

    func add(to router: Router<ServiceContext>) {
        router.get("/api/datasources") { request, context in
            try await accounts.authorised(request, context) { _ in
                let sources = provisioning.state.sources
                return JSONAnswer.make { writer in
                    writer.beginArray()
                    for (index, source) in sources.enumerated() { source.write(to: &writer, id: index + 1) }
                    writer.endArray()
                }
            }
        }
        router.get("/api/datasources/uid/{uid}") { request, context in
            try await accounts.authorised(request, context) { _ in
                let source = try find(context)
                return JSONAnswer.make { source.write(to: &$0, id: 1) }
            }
        }
        router.get("/api/datasources/uid/{uid}/health") { request, context in
            try await accounts.authorised(request, context) { _ in
                let problem = await proxy.health(of: try find(context))
                return JSONAnswer.make { writer in
                    writer.beginObject()
                    writer.key("status")
                    writer.string(problem == nil ? "OK" : "ERROR")
                    writer.key("message")
                    writer.string(problem ?? "Data source is working")
                    writer.endObject()
                }
            }
        }
        router.post("/api/datasources/batch") { request, context in
            try await accounts.authorised(request, context) { _ in
                let body = try await JSONAnswer.object(request, context, limit: DataSourceProxy.requestLimit)
                return try QueryBatch(body, sources: provisioning.state.sources, proxy: proxy).response(context)
            }
        }
        for method: HTTPRequest.Method in [.get, .post, .delete] {
            router.on("/api/datasources/proxy/uid/{uid}/**", method: method) { request, context in
                try await accounts.authorised(request, context) { _ in
                    let source = try find(context)
                    // The raw path, because decoding may hide what its segments are.
                    let prefix = "/api/datasources/proxy/uid/\(source.uid)"
                    guard request.uri.path.hasPrefix(prefix + "/") else {
                        throw HTTPFailure(.badRequest, "the path is malformed")
                    }
                    let path = String(request.uri.path.dropFirst(prefix.count))
                    return try await proxy.pass(request, context, to: source, path: path)
                }
            }
        }
    }

    private func find(_ context: ServiceContext) throws(HTTPFailure) -> DataSource {
        let uid = context.parameters.get("uid") ?? ""
        guard let source = provisioning.state.sources.first(where: { $0.uid == uid }) else {
            throw HTTPFailure(.notFound, "Data source not found")
        }
        return source
    }
}
