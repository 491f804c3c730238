import MartletCore
import Rules

/// Which rules a client asks for.
struct RuleFilter {
    private let kind: RuleDefinition.Kind?
    private let names: Set<String>
    private let groups: Set<String>
    private let files: Set<String>
    private let matchers: [[Matcher]]
    let excludesAlerts: Bool

    init(_ parameters: RequestParameters) throws(APIError) {
        switch parameters["type"]?.lowercased() ?? "" {
        case "": kind = nil
        case "alert": kind = .alerting
        case "record": kind = .recording
        case let other: throw .badParameter("type", "not supported value \(GoQuote.quote(other))")
        }
        names = Set(parameters.all("rule_name[]"))
        groups = Set(parameters.all("rule_group[]"))
        files = Set(parameters.all("file[]"))
        matchers = try parameters.matchers()
        excludesAlerts = try parameters.flag("exclude_alerts")
    }

    func admits(_ group: RuleGroup) -> Bool {
        (groups.isEmpty || groups.contains(group.definition.name)) && (files.isEmpty || files.contains(group.file))
    }

    func admits(_ rule: Rule) -> Bool {
        let definition = rule.definition
        guard kind == nil || kind == definition.kind, names.isEmpty || names.contains(definition.name) else {
            return false
        }
        guard !matchers.isEmpty else { return true }
        let labels = Labels(definition.labels.map { ($0.key, $0.value) })
        return matchers.contains { $0.allSatisfy { $0.matches(labels) } }
    }
}

/// Which part of a long list of groups a client asks for.
struct RulePage {
    let limit: Int?
    /// Of the group the page begins with.
    let token: String?

    init(_ parameters: RequestParameters) throws(APIError) {
        let next = parameters["group_next_token"].flatMap { $0.isEmpty ? nil : $0 }
        guard let text = parameters["group_limit"], !text.isEmpty else {
            guard next == nil else {
                throw .badParameter(
                    "group_next_token", "group_limit needs to be present in order to paginate over the groups")
            }
            (limit, token) = (nil, nil)
            return
        }
        guard let limit = Int32(text) else {
            throw .badParameter("group_limit", "group_limit needs to be a valid number: \(GoQuote.quote(text))")
        }
        guard limit > 0 else { throw .badParameter("group_limit", "group_limit needs to be greater than 0") }
        self.limit = Int(limit)
        token = next
    }

    /// What names a group as the first of a page.
    static func token(_ group: RuleGroup) -> String { String(Hash64.hash(Array(group.key.utf8)), radix: 16) }
}
