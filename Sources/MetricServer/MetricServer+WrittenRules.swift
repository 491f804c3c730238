import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import Rules
import Service

/// The API that writes rules, in Mimir's shape, also under the path that its tools ask by default.
extension MetricServer {
    /// Bytes of a rule group.
    private static let groupLimit = 1 << 20

    func addWrittenRuleRoutes(_ router: Router<ServiceContext>) {
        for prefix in ["/config/v1/rules", "/prometheus/config/v1/rules"] {
            written(router.get, prefix) { written, _, _ in
                let texts = try written.all().map { RuleDirectory.yaml($0.namespace, $0.groups) }
                return Self.yaml(texts.isEmpty ? "{}\n" : texts.joined())
            }
            written(router.get, prefix + "/{namespace}") { written, path, _ in
                let groups = try written.groups(path.namespace)
                guard !groups.isEmpty else { throw Self.missing("no rule groups found") }
                return Self.yaml(RuleDirectory.yaml(path.namespace, groups))
            }
            written(router.get, prefix + "/{namespace}/{group}") { written, path, _ in
                guard let group = try written.groups(path.namespace).first(where: { $0.name == path.group }) else {
                    throw Self.missing("group does not exist")
                }
                return Self.yaml(group.yaml)
            }
            written(router.post, prefix + "/{namespace}", reloads: true) { written, path, body in
                do {
                    try written.put(path.namespace, body)
                } catch let error as ConfigError {
                    throw APIError.badData("\(error)")
                }
                return Self.accepted
            }
            written(router.delete, prefix + "/{namespace}/{group}", reloads: true) { written, path, _ in
                guard try written.remove(path.namespace, path.group) else { throw Self.missing("group does not exist") }
                return Self.accepted
            }
            written(router.delete, prefix + "/{namespace}", reloads: true) { written, path, _ in
                guard try written.remove(path.namespace, nil) else { throw Self.missing("no rule groups found") }
                return Self.accepted
            }
        }
    }

    private typealias Route = (
        RouterPath, @escaping @Sendable (Request, ServiceContext) async throws -> Response
    ) -> Router<ServiceContext>

    /// Registers a handler that may block on the disk. After `reloads` the server evaluates what is written then.
    private func written(
        _ register: Route, _ path: String, reloads: Bool = false,
        _ handler: @escaping @Sendable (RuleDirectory, (namespace: String, group: String), String) throws -> Response
    ) {
        _ = register(RouterPath(path)) { request, context in
            try await APIResponse.answering {
                try await serving(request, context).requireMain()
                guard let written = rules.written else {
                    throw APIError(
                        status: .notFound, type: "not_found",
                        message: "rules cannot be written over HTTP: start with --rules.path")
                }
                let place = (
                    namespace: Self.decoded(context.parameters.get("namespace")),
                    group: Self.decoded(context.parameters.get("group"))
                )
                let body = try await requestBody(request, context, limit: Self.groupLimit)
                let text = String(buffer: body)
                let response = try await blocking.run {
                    do {
                        return try handler(written, place, text)
                    } catch let error as RuleFileError {
                        throw APIError.badData("\(error)")
                    }
                }
                if reloads { try await rules.reload { [config] in config.withLock { $0 } } }
                return response
            }
        }
    }

    private static func decoded(_ component: String?) -> String {
        QueryParameters.decoded(pathComponent: component ?? "")
    }

    private static func yaml(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/yaml"], body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    private static var accepted: Response {
        APIResponse.response(.accepted, Array(#"{"status":"success","data":null,"errorType":"","error":""}"#.utf8))
    }

    private static func missing(_ message: String) -> APIError {
        APIError(status: .notFound, type: "not_found", message: message)
    }
}
