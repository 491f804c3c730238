import Hummingbird
import MartletCore
import PromQL
import Service

extension MetricServer {
    /// `/api/v1/features`, what the server can do and what its flags have turned on, under Prometheus' names; and
    /// `/api/v1/notifications`.
    func addFeatureRoutes(_ router: Router<ServiceContext>) {
        router.get("/api/v1/features") { _, _ in Self.object(features.map { ($0.category, Self.flags($0.flags)) }) }
        // Nothing happens here that somebody would have to be told of on a page.
        router.get("/api/v1/notifications") { _, _ in APIResponse.success { JSONValue.array([]).write(to: &$0) } }
    }

    private typealias Flags = [(String, Bool)]

    private var features: [(category: String, flags: Flags)] {
        [
            ("api", apiFeatures), ("otlp_receiver", [("delta_conversion", false), ("native_delta_ingestion", false)]),
            ("prometheus", [("agent_mode", false), ("auto_reload_config", false), ("server_mode", true)]),
            ("promql", languageFeatures), ("promql_functions", functionFeatures),
            ("promql_operators", operatorFeatures),
            ("rules", [("concurrent_rule_eval", true), ("keep_firing_for", true), ("query_offset", true)]),
            ("scrape", [("extra_scrape_metrics", false), ("start_timestamp_zero_ingestion", false)]),
            ("service_discovery_providers", [("file", true), ("static", true)]),
            ("tsdb", [("exemplar_storage", true), ("native_histograms", true)]),
        ]
    }

    private var apiFeatures: Flags {
        [
            ("admin", adminAPI), ("exclude_alerts", true), ("label_values_match", true), ("lifecycle", true),
            ("otlp_write_receiver", !readOnly), ("query_warnings", true),
            ("remote_write_receiver", !readOnly), ("search", false), ("time_range_labels", true),
            ("time_range_series", true),
        ]
    }

    private var languageFeatures: Flags {
        let options = engine.options
        let parser = options.parserOptions
        var flags: Flags = []
        for keyword in ["bool", "by", "group_left", "group_right", "ignoring", "offset", "on", "without"] {
            flags.append((keyword, true))
        }
        for keyword in ["fill", "fill_left", "fill_right"] { flags.append((keyword, parser.fillModifiers)) }
        for keyword in ["anchored", "smoothed"] { flags.append((keyword, parser.extendedRangeSelectors)) }
        for name in ["at_modifier", "duration_expr", "negative_offset", "per_query_lookback_delta", "subqueries"] {
            flags.append((name, true))
        }
        flags.append(("delayed_name_removal", options.delayedNameRemoval))
        return flags
    }

    private var functionFeatures: Flags {
        let isOn = engine.options.parserOptions.experimentalFunctions
        return Function.all.values.map { ($0.name, !$0.isExperimental || isOn) }
    }

    private var operatorFeatures: Flags {
        let isOn = engine.options.parserOptions.experimentalFunctions
        let operators: Flags = BinaryOperator.allCases.map { ($0.rawValue, true) }
        return operators + AggregationOperator.allCases.map { ($0.rawValue, !$0.isExperimental || isOn) }
    }

    private static func flags(_ flags: Flags) -> JSONValue {
        .object(flags.sorted { $0.0 < $1.0 }.map { .init($0.0, .bool($0.1)) })
    }
}
