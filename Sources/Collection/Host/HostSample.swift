/// One series of a family: its labels in the order they are exposed, and its value.
package struct HostSample: Sendable {
    /// Label pairs, names unique and sorted.
    package let labels: [(name: String, value: String)]
    /// The value as node_exporter gives it (base units: seconds, bytes).
    package let value: Double
}
