import Hummingbird
import MartletCore
import PromQL
import Rules
import Service

extension MetricServer {
    func addRuleRoutes(_ router: Router<ServiceContext>) {
        get(router, "/api/v1/rules") { parameters in try listRules(parameters) }
        get(router, "/api/v1/alerts") { _ in listAlerts() }
        get(router, "/api/v1/alertmanagers") { _ in
            Self.object([
                ("activeAlertmanagers", .array(rules.notifier.active.map { .object([.init("url", .string($0))]) })),
                ("droppedAlertmanagers", .array(rules.notifier.dropped.map { .object([.init("url", .string($0))]) })),
            ])
        }
    }

    /// Registers a handler for GET alone.
    private func get(
        _ router: Router<ServiceContext>, _ path: RouterPath,
        _ handler: @escaping @Sendable (RequestParameters) async throws -> Response
    ) {
        router.get(path) { request, context in
            try await APIResponse.answering {
                try await serving(request, context).requireMain()
                return try await handler(try await RequestParameters(request, context))
            }
        }
    }

    private func listAlerts() -> Response {
        APIResponse.success { RuleListing.writeAlerts(of: rules.manager.groups, to: &$0) }
    }

    private func listRules(_ parameters: RequestParameters) throws -> Response {
        do {
            var filter = try RuleFilter(kind: parameters["type"])
            filter.names = Set(parameters.all("rule_name[]"))
            filter.groups = Set(parameters.all("rule_group[]"))
            filter.files = Set(parameters.all("file[]"))
            filter.matchers = try parameters.matchers()
            filter.excludesAlerts = try parameters.flag("exclude_alerts")
            let page = try RulePage(limit: parameters["group_limit"], token: parameters["group_next_token"])
            let listing = try RuleListing(rules.manager.groups, filter, page)
            return APIResponse.success { listing.write(to: &$0) }
        } catch let error as RuleParameterError {
            throw APIError.badParameter(error.name, error.reason)
        }
    }
}
