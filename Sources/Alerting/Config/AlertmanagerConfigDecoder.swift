import MartletCore
import Service

/// Fills an ``AlertmanagerConfig`` from YAML, checking what Alertmanager checks.
struct AlertmanagerConfigDecoder {
    var resolveTimeout: Int64 = 300_000_000_000
    var http = HTTPClientConfig()
    var nodes: [Route] = []
    var receivers: [Receiver] = []
    var inhibitRules: [InhibitRule] = []
    var timeIntervals: [String: [TimeInterval]] = [:]

    private static let otherIntegrations = [
        "discord_configs", "email_configs", "incidentio_configs", "jira_configs", "mattermost_configs",
        "msteams_configs", "msteamsv2_configs", "opsgenie_configs", "pagerduty_configs", "pushover_configs",
        "rocketchat_configs", "slack_configs", "sns_configs", "telegram_configs", "victorops_configs", "webex_configs",
        "wechat_configs",
    ]

    private static let otherGlobals = [
        "smtp_from", "smtp_hello", "smtp_smarthost", "smtp_auth_username", "smtp_auth_password",
        "smtp_auth_password_file", "smtp_auth_secret", "smtp_auth_secret_file", "smtp_auth_identity",
        "smtp_require_tls", "smtp_tls_config", "smtp_force_implicit_tls", "slack_api_url", "slack_api_url_file",
        "slack_app_token", "slack_app_token_file", "slack_app_url", "pagerduty_url", "opsgenie_api_url",
        "opsgenie_api_key", "opsgenie_api_key_file", "wechat_api_url", "wechat_api_secret", "wechat_api_secret_file",
        "wechat_api_corp_id", "victorops_api_url", "victorops_api_key", "victorops_api_key_file", "telegram_api_url",
        "telegram_bot_token", "telegram_bot_token_file", "webex_api_url", "jira_api_url", "rocketchat_api_url",
        "rocketchat_token", "rocketchat_token_file", "rocketchat_token_id", "rocketchat_token_id_file",
        "mattermost_webhook_url", "mattermost_webhook_url_file",
    ]

    mutating func decode(_ top: inout ConfigMapping) throws {
        if let global = top.value("global") { try global.mapping { try decodeGlobal(&$0) } }
        top.ignore("templates", because: "webhooks, the receivers of this version, send data and use no templates")
        top.ignore("tracing", because: "the flag --tracing.endpoint sets where this server's traces go")
        top.ignore("event_recorder", because: "events are in this server's log")
        for key in ["mute_time_intervals", "time_intervals"] {
            for node in try top.list(key) { try node.mapping { try decodeNamedInterval(&$0) } }
        }
        for node in try top.list("receivers") {
            try node.mapping { try decodeReceiver(&$0) }
        }
        for node in try top.list("inhibit_rules") {
            inhibitRules.append(try node.mapping { try decodeInhibitRule(&$0) })
        }
        guard let root = top.value("route") else {
            // A misspelt key says more than the missing one.
            try top.finish()
            throw top.node.error("no route provided in config")
        }
        try decodeRoute(root, parent: nil)
    }

    private mutating func decodeGlobal(_ global: inout ConfigMapping) throws {
        if let node = global.value("resolve_timeout") { resolveTimeout = try node.nanoseconds() }
        if let node = global.value("http_config") { http = try node.mapping { try HTTPClientConfig(&$0) } }
        for key in Self.otherGlobals {
            global.ignore(key, because: "only webhook receivers are sent to by this version")
        }
    }

    // MARK: Receivers

    private mutating func decodeReceiver(_ mapping: inout ConfigMapping) throws {
        let node = try mapping.required("name")
        let name = try node.string()
        guard !name.isEmpty else { throw node.error("missing name in receiver") }
        guard !receivers.contains(where: { $0.name == name }) else {
            throw node.error("notification config name \"\(name)\" is not unique")
        }
        for key in Self.otherIntegrations {
            try mapping.unsupported(
                key, because: "this version sends to webhooks only, and alerts for this receiver would be lost")
        }
        let defaults = http
        let webhooks = try mapping.mappings("webhook_configs") { try WebhookConfig(&$0, defaults: defaults) }
        receivers.append(Receiver(name: name, webhooks: webhooks))
    }

    // MARK: Inhibition

    private func decodeInhibitRule(_ mapping: inout ConfigMapping) throws -> InhibitRule {
        mapping.ignore("name", because: "rules are known by their matchers")
        return InhibitRule(
            source: try Self.matchers(
                &mapping, list: "source_matchers", equal: "source_match", regex: "source_match_re"),
            target: try Self.matchers(
                &mapping, list: "target_matchers", equal: "target_match", regex: "target_match_re"),
            equal: try mapping.strings("equal"))
    }

    /// The list of matchers and the two deprecated mappings.
    private static func matchers(
        _ mapping: inout ConfigMapping, list: String, equal: String, regex: String
    ) throws -> [Matcher] {
        var found: [Matcher] = []
        for node in try mapping.list(list) {
            found += try node.parse { text in try MatcherSyntax.list(text) }
        }
        for (key, kind) in [(equal, Matcher.Kind.equal), (regex, .regex)] {
            guard let node = mapping.value(key) else { continue }
            for entry in try node.entries() {
                let name = try entry.key.string()
                found.append(try entry.value.parse { value in try Matcher(kind, name, value) })
            }
        }
        return MatcherSyntax.sorted(found)
    }

    // MARK: Time intervals

    private mutating func decodeNamedInterval(_ mapping: inout ConfigMapping) throws {
        let node = try mapping.required("name")
        let name = try node.string()
        guard !name.isEmpty else { throw node.error("missing name in time interval") }
        guard timeIntervals[name] == nil else { throw node.error("time interval \"\(name)\" is not unique") }
        timeIntervals[name] = try mapping.mappings("time_intervals") { try TimeInterval(&$0) }
    }

    // MARK: Routes

    @discardableResult
    private mutating func decodeRoute(_ node: ConfigNode, parent: Int?) throws -> Int {
        let index = nodes.count
        let above = parent.map { nodes[$0] }
        var children: [ConfigNode] = []
        let route = try node.mapping { (mapping: inout ConfigMapping) throws -> Route in
            children = try mapping.list("routes")
            mapping.ignore("labels", because: "webhooks, the receivers of this version, do not carry route labels")
            let matchers = try Self.matchers(&mapping, list: "matchers", equal: "match", regex: "match_re")
            let receiver = try self.receiver(&mapping, above)
            let mute = try intervals(&mapping, "mute_time_intervals")
            let active = try intervals(&mapping, "active_time_intervals")
            let continues = try mapping.bool("continue") ?? false
            if parent == nil {
                if !matchers.isEmpty { throw node.error("root route must not have any matchers") }
                if continues { throw node.error("root route must not have continue: true") }
                if !mute.isEmpty { throw node.error("root route must not have any mute time intervals") }
                if !active.isEmpty { throw node.error("root route must not have any active time intervals") }
            }
            return Route(
                index: index, parent: parent, receiver: receiver,
                groupBy: try groupBy(&mapping) ?? above?.groupBy ?? .labels([]),
                groupWait: try Self.nanoseconds(&mapping, "group_wait", zero: true) ?? above?.groupWait
                    ?? 30_000_000_000,
                groupInterval: try Self.nanoseconds(&mapping, "group_interval") ?? above?.groupInterval
                    ?? 300_000_000_000,
                repeatInterval: try Self.nanoseconds(&mapping, "repeat_interval") ?? above?.repeatInterval
                    ?? 14_400_000_000_000, matchers: matchers, continues: continues,
                muteTimeIntervals: mute, activeTimeIntervals: active, children: [],
                key: (above.map { $0.key + "/" } ?? "") + MatcherSyntax.text(matchers))
        }
        nodes.append(route)
        for child in children { nodes[index].children.append(try decodeRoute(child, parent: index)) }
        return index
    }

    private func receiver(_ mapping: inout ConfigMapping, _ above: Route?) throws(ConfigError) -> String {
        guard let node = mapping.value("receiver") else {
            guard let above else { throw mapping.node.error("root route must specify a default receiver") }
            return above.receiver
        }
        let name = try node.string()
        guard receivers.contains(where: { $0.name == name }) else {
            throw node.error("undefined receiver \"\(name)\" used in route")
        }
        return name
    }

    private func intervals(_ mapping: inout ConfigMapping, _ key: String) throws(ConfigError) -> [String] {
        var names: [String] = []
        for node in try mapping.list(key) {
            let name = try node.string()
            guard timeIntervals[name] != nil else {
                throw node.error("undefined time interval \"\(name)\" used in route")
            }
            names.append(name)
        }
        return names
    }

    private func groupBy(_ mapping: inout ConfigMapping) throws(ConfigError) -> Route.GroupBy? {
        guard let node = mapping.value("group_by") else { return nil }
        let names = try node.strings()
        if names.contains("...") {
            guard names.count == 1 else {
                throw node.error("cannot have wildcard group_by (`...`) and other labels at the same time")
            }
            return .all
        }
        if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
            throw node.error("duplicated label \"\(twice)\" in group_by")
        }
        return .labels(names)
    }

    private static func nanoseconds(
        _ mapping: inout ConfigMapping, _ key: String, zero: Bool = false
    ) throws(ConfigError) -> Int64? {
        guard let node = mapping.value(key) else { return nil }
        let nanoseconds = try node.nanoseconds()
        guard zero || nanoseconds > 0 else { throw node.error("\(key) cannot be zero") }
        return nanoseconds
    }
}
