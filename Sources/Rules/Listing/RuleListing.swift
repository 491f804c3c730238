package import MartletCore

/// The groups of an answer about rules, in their order, each with those of its rules that were asked for.
package struct RuleListing {
    private var shown: [(group: RuleGroup, file: String, rules: [Rule])] = []
    private let showsAlerts: Bool
    private var nextToken: String?

    /// What of `groups` a filter admits and a page holds; `file` gives the name under which clients know a group's file.
    package init(
        _ groups: [RuleGroup], _ filter: RuleFilter, _ page: RulePage, file: (RuleGroup) -> String = { $0.file }
    ) throws(RuleParameterError) {
        showsAlerts = !filter.excludesAlerts
        var isBeforePage = page.token != nil
        for group in groups {
            if isBeforePage {
                guard page.token == RulePage.token(group) else { continue }
                isBeforePage = false
            }
            let file = file(group)
            guard filter.admits(group, file: file) else { continue }
            let rules = group.rules.filter(filter.admits)
            if rules.isEmpty { continue }
            if let limit = page.limit, shown.count == limit {
                nextToken = RulePage.token(group)
                break
            }
            shown.append((group, file, rules))
        }
        if isBeforePage, let token = page.token {
            throw RuleParameterError(
                "group_next_token", "invalid group_next_token '\(token)'. were rule groups changed?")
        }
    }

    /// Writes `{"groups":[…]}`, as Prometheus' API has it.
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("groups")
        json.beginArray()
        for (group, file, rules) in shown { RuleJSON.write(group, file, rules, showsAlerts: showsAlerts, &json) }
        json.endArray()
        if let nextToken {
            json.key("groupNextToken")
            json.string(nextToken)
        }
        json.endObject()
    }

    /// Writes `{"alerts":[…]}`: the active alerts of groups, group by group.
    package static func writeAlerts(of groups: [RuleGroup], to json: inout JSONWriter) {
        json.beginObject()
        json.key("alerts")
        json.beginArray()
        for alert in groups.flatMap(\.rules).flatMap(\.activeAlerts) { RuleJSON.write(alert, &json) }
        json.endArray()
        json.endObject()
    }
}
