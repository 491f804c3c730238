/// Targets that share labels, as `static_configs` and file discovery give them.
package struct TargetGroup: Sendable, Hashable {
    /// Values of `__address__`.
    package var targets: [String]
    /// Labels of each target.
    package var labels: [String: String]

    /// A group of targets.
    package init(targets: [String], labels: [String: String] = [:]) {
        self.targets = targets
        self.labels = labels
    }
}
