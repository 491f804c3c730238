/// The kind of a family as the text exposition names it.
package enum HostMetricKind: String, Sendable {
    case counter
    case gauge
    case untyped
}

/// One series of a family: its labels in the order they are exposed, and its value.
package struct HostSample: Sendable {
    /// Label pairs, names unique and sorted.
    package let labels: [(name: String, value: String)]
    /// The value as node_exporter gives it (base units: seconds, bytes).
    package let value: Double
}

/// One metric family with all of its series.
package struct HostFamily: Sendable {
    /// Full name, for example `node_load1`.
    package let name: String
    /// Its type.
    package let kind: HostMetricKind
    /// One line of help.
    package let help: String
    /// Series in the order they were found.
    package var samples: [HostSample]
}
