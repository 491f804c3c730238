import Durable
import MartletCore
package import Service

/// A file of unit tests for rules, in promtool's format. Times are milliseconds.
package struct UnitTestFile: Sendable {
    /// A series and its values.
    struct Series: Sendable {
        let series: String
        let values: String
    }

    /// Alerts that are expected to fire.
    struct AlertCase: Sendable {
        let evalTimeMs: Int64
        let name: String
        let alerts: [(labels: [String: String], annotations: [String: String])]
    }

    /// What an expression is expected to give.
    struct ExpressionCase: Sendable {
        struct Sample: Sendable {
            let labels: String
            let value: Double
            /// Instead of the value when it is not empty.
            let histogram: String
        }

        let expression: String
        let evalTimeMs: Int64
        let samples: [Sample]
    }

    /// Tests over the same series.
    package struct Group: Sendable {
        package var name = ""
        var intervalMs: Int64 = 0
        var series: [Series] = []
        var alerts: [AlertCase] = []
        var expressions: [ExpressionCase] = []
        var externalLabels: [(key: String, value: String)] = []
        var externalURL = ""
        var startMs: Int64 = 0

        /// The last time anything is looked at.
        var lastEvalMs: Int64 { (alerts.map(\.evalTimeMs) + expressions.map(\.evalTimeMs)).max() ?? 0 }
    }

    package let path: String
    var ruleFiles: [String] = []
    /// Patterns of rule files that match nothing.
    package private(set) var unmatched: [String] = []
    var evaluationIntervalMs: Int64 = 60_000
    /// Groups in the order in which they are evaluated.
    var groupOrder: [String] = []
    var isFuzzy = false
    package private(set) var groups: [Group] = []

    /// Decodes a document; rule files are relative to its directory.
    package init(_ document: ConfigDocument) throws {
        path = document.file
        let directory = FilePath.parent(of: path)
        try document.root.mapping { keys in
            for pattern in try keys.strings("rule_files") {
                let full = pattern.hasPrefix("/") ? pattern : FilePath.join(directory, pattern)
                let found = FilePath.matches(full)
                if found.isEmpty { unmatched.append(full) }
                ruleFiles += found
            }
            if let interval = try keys.duration("evaluation_interval"), interval > 0 { evaluationIntervalMs = interval }
            groupOrder = try keys.strings("group_eval_order")
            for (index, name) in groupOrder.enumerated() where groupOrder[..<index].contains(name) {
                throw document.root.error("group name repeated in evaluation order: \(name)")
            }
            isFuzzy = try keys.bool("fuzzy_compare") ?? false
            let interval = evaluationIntervalMs
            groups = try keys.mappings("tests") { try Group(&$0, defaultIntervalMs: interval) }
        }
    }
}

extension UnitTestFile.Group {
    init(_ keys: inout ConfigMapping, defaultIntervalMs: Int64) throws {
        name = try keys.string("name") ?? ""
        intervalMs = try keys.duration("interval").flatMap { $0 > 0 ? $0 : nil } ?? defaultIntervalMs
        series = try keys.mappings("input_series") { keys in
            .init(series: try keys.string("series") ?? "", values: try keys.string("values") ?? "")
        }
        let title = name
        alerts = try keys.mappings("alert_rule_test") { keys in
            let time = try keys.duration("eval_time") ?? 0
            guard let alert = try keys.string("alertname"), !alert.isEmpty else {
                let place = title.isEmpty ? "" : " (in TestGroup \(title))"
                throw keys.node.error(
                    "an item under alert_rule_test misses required attribute alertname at eval_time "
                        + PrometheusDuration.format(time) + place)
            }
            return .init(
                evalTimeMs: time, name: alert,
                alerts: try keys.list("exp_alerts").map { node in
                    try node.mapping { keys in
                        (try Self.texts(&keys, "exp_labels"), try Self.texts(&keys, "exp_annotations"))
                    }
                })
        }
        expressions = try keys.mappings("promql_expr_test") { keys in
            .init(
                expression: try keys.string("expr") ?? "", evalTimeMs: try keys.duration("eval_time") ?? 0,
                samples: try keys.mappings("exp_samples") { keys in
                    .init(
                        labels: try keys.string("labels") ?? "", value: try keys.double("value") ?? 0,
                        histogram: try keys.string("histogram") ?? "")
                })
        }
        externalLabels = try keys.stringPairs("external_labels")
        externalURL = try keys.string("external_url") ?? ""
        if let node = keys.value("start_timestamp") {
            guard let time = TimestampMs(parameter: try node.string()) else {
                throw node.error("cannot parse \(GoQuote.quote(try node.string())) to a valid timestamp")
            }
            startMs = time.rawValue
        }
    }

    private static func texts(_ keys: inout ConfigMapping, _ key: String) throws -> [String: String] {
        Dictionary(try keys.stringPairs(key).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }
}
