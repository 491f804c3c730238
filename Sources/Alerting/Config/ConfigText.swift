import MartletCore
import Service

/// The configuration as YAML with secrets hidden and what is inherited left out, for `/api/v2/status` and amtool.
enum ConfigText {
    static func yaml(_ config: AlertmanagerConfig) -> String {
        var out = "global:\n  resolve_timeout: \(duration(config.resolveTimeout))\n"
        out += "route:\n"
        if let root = config.routes.nodes.first { out += route(root, config.routes, indent: "  ") }
        if !config.inhibitRules.isEmpty {
            out += "inhibit_rules:\n"
            for rule in config.inhibitRules {
                out += "- source_matchers:\n" + list(rule.source.map { MatcherSyntax.text($0) }, indent: "  ")
                out += "  target_matchers:\n" + list(rule.target.map { MatcherSyntax.text($0) }, indent: "  ")
                if !rule.equal.isEmpty { out += "  equal:\n" + list(rule.equal, indent: "  ") }
            }
        }
        out += "receivers:\n"
        for receiver in config.receivers {
            out += "- name: \(scalar(receiver.name))\n"
            if receiver.webhooks.isEmpty { continue }
            out += "  webhook_configs:\n"
            for webhook in receiver.webhooks { out += self.webhook(webhook) }
        }
        out += "templates: []\n"
        if !config.timeIntervals.isEmpty {
            out += "time_intervals:\n"
            for (name, intervals) in config.timeIntervals.sorted(by: { $0.key < $1.key }) {
                out += "- name: \(scalar(name))\n  time_intervals:\n"
                for interval in intervals { out += self.interval(interval) }
            }
        }
        return out
    }

    private static func route(_ route: Route, _ tree: RouteTree, indent: String) -> String {
        let above = route.parent.map { tree.nodes[$0] }
        var lines = ["receiver: \(scalar(route.receiver))\n"]
        if above.map({ $0.groupBy != route.groupBy }) ?? true {
            switch route.groupBy {
            case .all: lines.append("group_by:\n" + list(["..."], indent: indent))
            case .labels(let names):
                lines.append(names.isEmpty ? "group_by: []\n" : "group_by:\n" + list(names, indent: indent))
            }
        }
        if !route.matchers.isEmpty {
            lines.append("matchers:\n" + list(route.matchers.map { MatcherSyntax.text($0) }, indent: indent))
        }
        lines.append("continue: \(route.continues)\n")
        if !route.muteTimeIntervals.isEmpty {
            lines.append("mute_time_intervals:\n" + list(route.muteTimeIntervals, indent: indent))
        }
        if !route.activeTimeIntervals.isEmpty {
            lines.append("active_time_intervals:\n" + list(route.activeTimeIntervals, indent: indent))
        }
        for (name, value, inherited) in [
            ("group_wait", route.groupWait, above?.groupWait),
            ("group_interval", route.groupInterval, above?.groupInterval),
            ("repeat_interval", route.repeatInterval, above?.repeatInterval),
        ] where inherited != value {
            lines.append("\(name): \(duration(value))\n")
        }
        var out = lines.map { indent + $0 }.joined()
        if !route.children.isEmpty {
            out += indent + "routes:\n"
            for child in route.children {
                // The list's dash takes the place of the first line's indentation.
                let text = self.route(tree.nodes[child], tree, indent: indent + "  ")
                out += indent + "- " + text.dropFirst(indent.utf8.count + 2)
            }
        }
        return out
    }

    private static func webhook(_ webhook: WebhookConfig) -> String {
        var out = "  - send_resolved: \(webhook.sendResolved)\n"
        switch webhook.target {
        // A secret must stay a URL for amtool to read it.
        case .url: out += "    url: http://secret\n"
        case .file(let path): out += "    url_file: \(scalar(path))\n"
        }
        out += "    max_alerts: \(webhook.maxAlerts)\n"
        if webhook.timeout > 0 { out += "    timeout: \(duration(webhook.timeout))\n" }
        return out
    }

    private static func interval(_ interval: TimeInterval) -> String {
        var lines: [String] = []
        if !interval.times.isEmpty {
            lines.append(
                "times:\n"
                    + interval.times.map { range in
                        "    - start_time: \"\(clock(range.lowerBound))\"\n      end_time: \"\(clock(range.upperBound))\"\n"
                    }.joined())
        }
        let weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
        for (name, values) in [
            ("weekdays", interval.weekdays.map { "\(weekdays[$0.lowerBound]):\(weekdays[$0.upperBound])" }),
            ("days_of_month", interval.daysOfMonth.map { "\($0.begin):\($0.end)" }),
            ("months", interval.months.map { "\($0.lowerBound):\($0.upperBound)" }),
            ("years", interval.years.map { "\($0.lowerBound):\($0.upperBound)" }),
        ] where !values.isEmpty {
            lines.append("\(name): [" + values.map { "'\($0)'" }.joined(separator: ", ") + "]\n")
        }
        if !interval.location.isEmpty { lines.append("location: \(scalar(interval.location))\n") }
        if lines.isEmpty { return "  - {}\n" }
        return "  - " + lines.joined(separator: "    ")
    }

    private static func clock(_ minutes: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }

    private static func duration(_ nanoseconds: Int64) -> String {
        PrometheusDuration.format(nanoseconds / 1_000_000)
    }

    private static func list(_ values: [String], indent: String) -> String {
        values.map { "\(indent)- \(scalar($0))\n" }.joined()
    }

    /// A single-quoted scalar: nothing in it means anything to YAML.
    private static func scalar(_ text: String) -> String {
        if text.utf8.contains(where: { $0 < 0x20 }) { return GoQuote.quote(text) }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
