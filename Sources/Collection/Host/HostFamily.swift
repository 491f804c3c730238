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
