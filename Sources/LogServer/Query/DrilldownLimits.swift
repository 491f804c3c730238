import Hummingbird
import MartletCore
import Service

/// `/loki/api/v1/drilldown-limits`: what Grafana's Logs Drilldown wants to know before it asks.
enum DrilldownLimits {
    /// The limits in force that are of use there, under Loki's names.
    static func response(_ limits: LogLimits) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("limits")
        json.beginObject()
        for (name, value) in [
            ("allow_structured_metadata", limits.allowsMetadata), ("discover_log_levels", limits.discoversLogLevels),
            ("volume_enabled", true),
        ] {
            json.key(name)
            json.bool(value)
        }
        for (name, names) in [
            ("discover_service_name", limits.discoverServiceName), ("log_level_fields", limits.logLevelFields),
        ] {
            json.key(name)
            json.beginArray()
            for name in names { json.string(name) }
            json.endArray()
        }
        for (name, value) in [
            ("max_entries_limit_per_query", limits.maxEntriesPerQuery), ("max_line_size", limits.maxLineSize),
            ("max_query_series", limits.maxQuerySeries), ("volume_max_series", limits.volumeMaxSeries),
        ] {
            json.key(name)
            json.int(value)
        }
        for (name, milliseconds) in [
            ("max_query_length", limits.maxQueryLength / 1_000_000),
            ("query_timeout", Int64(limits.queryTimeout * 1000)), ("retention_period", limits.retention * 1000),
        ] {
            json.key(name)
            json.string(PrometheusDuration.format(milliseconds))
        }
        json.endObject()
        json.key("pattern_ingester_enabled")
        // Patterns need none here, but this is what is asked for them.
        json.bool(true)
        json.key("version")
        json.string(BuildVersion.number)
        json.endObject()
        return QueryReply.json(json.bytes)
    }
}
