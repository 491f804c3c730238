import Alerting
import MartletCore
import Service

/// One second in the nanoseconds that alerting counts in.
let second: Int64 = 1_000_000_000

/// A moment of a test: seconds after an arbitrary start.
func at(_ seconds: Int64) -> Int64 { (1_800_000_000 + seconds) * second }

func alert(_ labels: [String: String], from starts: Int64, until ends: Int64 = at(100_000), told: Int64? = nil) -> Alert
{
    Alert(labels: Labels(labels.map { ($0.key, $0.value) }), startsAt: starts, endsAt: ends, updatedAt: told ?? starts)
}

func config(_ yaml: String) throws -> AlertmanagerConfig {
    try AlertmanagerConfig(ConfigDocument(text: yaml, file: "alertmanager.yml"))
}

/// Routes with the given body of the root, and receivers `default`, `a` and `b`.
func routes(_ body: String) throws -> RouteTree {
    try config(
        "receivers: [{name: default}, {name: a}, {name: b}]\ntime_intervals: [{name: night, time_intervals: []}]\n"
            + "route:\n  receiver: default\n" + body
    ).routes
}
