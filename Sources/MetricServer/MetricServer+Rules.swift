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
        // As Prometheus has them: group by group.
        let alerts = rules.manager.groups.flatMap(\.rules).flatMap(\.activeAlerts)
        return APIResponse.success { json in
            json.beginObject()
            json.key("alerts")
            json.beginArray()
            for alert in alerts { RuleJSON.write(alert, &json) }
            json.endArray()
            json.endObject()
        }
    }

    private func listRules(_ parameters: RequestParameters) throws -> Response {
        let filter = try RuleFilter(parameters)
        let page = try RulePage(parameters)
        var isBeforePage = page.token != nil
        var shown: [(group: RuleGroup, rules: [Rule])] = []
        var nextToken: String?
        for group in rules.manager.groups {
            if isBeforePage {
                guard page.token == RulePage.token(group) else { continue }
                isBeforePage = false
            }
            guard filter.admits(group) else { continue }
            let rules = group.rules.filter(filter.admits)
            if rules.isEmpty { continue }
            if let limit = page.limit, shown.count == limit {
                nextToken = RulePage.token(group)
                break
            }
            shown.append((group, rules))
        }
        if isBeforePage, let token = page.token {
            throw APIError.badParameter(
                "group_next_token", "invalid group_next_token '\(token)'. were rule groups changed?")
        }
        return APIResponse.success { json in
            json.beginObject()
            json.key("groups")
            json.beginArray()
            for (group, rules) in shown { RuleJSON.write(group, rules, showsAlerts: !filter.excludesAlerts, &json) }
            json.endArray()
            if let nextToken {
                json.key("groupNextToken")
                json.string(nextToken)
            }
            json.endObject()
        }
    }
}
