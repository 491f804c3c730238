import Hummingbird
import LogQL
import MartletCore
import NIOCore
import Rules
import Service

/// The API of rules and alerts: Prometheus' for what is in force, Loki's for the files.
struct RulesAPI: Sendable {
    /// Bytes of a rule group.
    static let groupLimit = 1 << 20
    /// Where Loki has files of rules, the second since before its first version.
    static let filePaths = ["/loki/api/v1/rules", "/api/prom/rules"]

    let ruler: Ruler

    func add(to router: Router<ServiceContext>) {
        get(router, "/prometheus/api/v1/rules") { tenant, request in try list(tenant, request) }
        get(router, "/prometheus/api/v1/alerts") { tenant, _ in
            Self.success { RuleListing.writeAlerts(of: ruler.groups(of: tenant), to: &$0) }
        }
        for path in Self.filePaths { addFileRoutes(path, to: router) }
    }

    /// The tenant of a request.
    func tenant(_ request: Request, _ context: ServiceContext) throws -> String {
        try TenantName.of(
            request, context, isEnabled: ruler.environment.config.isAuthEnabled, single: LogsServer.tenant
        ).name
    }

    private func get(
        _ router: Router<ServiceContext>, _ path: RouterPath,
        _ handler: @escaping @Sendable (String, Request) throws -> Response
    ) {
        router.get(path) { request, context in try handler(try tenant(request, context), request) }
    }

    private func list(_ tenant: String, _ request: Request) throws -> Response {
        let parameters = FormParameters(query: request.uri.query ?? "")
        // Loki's names, and Prometheus'.
        func all(_ name: String) -> Set<String> {
            Set((parameters.all(name) + parameters.all(name + "[]")).filter { !$0.isEmpty })
        }
        do {
            var filter = try RuleFilter(kind: parameters["type"])
            filter.names = all("rule_name")
            filter.groups = all("rule_group")
            filter.files = all("file")
            filter.matchers = try CatalogAPI.matchers(all("match").sorted())
            filter.excludesAlerts = ["1", "true"].contains(parameters["exclude_alerts"]?.lowercased())
            let page = try RulePage(limit: parameters["group_limit"], token: parameters["group_next_token"])
            let files = ruler.directory(of: tenant)
            let listing = try RuleListing(ruler.groups(of: tenant), filter, page) { group in
                files?.namespace(of: group.file) ?? group.file
            }
            return Self.success { listing.write(to: &$0) }
        } catch let error as RuleParameterError {
            return Self.badData(error.reason)
        } catch let error as LogQueryError {
            return Self.badData(error.message)
        }
    }

    // MARK: Envelopes

    /// `{"status":"success","data":…,"errorType":"","error":""}`, as Loki has it.
    static func success(
        _ status: HTTPResponse.Status = .ok, _ data: (inout JSONWriter) -> Void
    ) -> Response {
        envelope(status, "success", errorType: "", error: "", data)
    }

    private static func badData(_ message: String) -> Response {
        envelope(.badRequest, "error", errorType: "bad_data", error: message) { $0.null() }
    }

    private static func envelope(
        _ code: HTTPResponse.Status, _ status: String, errorType: String, error: String,
        _ data: (inout JSONWriter) -> Void
    ) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("status")
        json.string(status)
        json.key("data")
        data(&json)
        json.key("errorType")
        json.string(errorType)
        json.key("error")
        json.string(error)
        json.endObject()
        return Response(
            status: code, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}
