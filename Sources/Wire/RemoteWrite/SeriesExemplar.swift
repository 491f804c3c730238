package import MartletCore

extension RemoteWrite {
    /// An exemplar to be sent, with labels of its own.
    package struct SeriesExemplar: Sendable, Hashable {
        package var labels: Labels
        package var value: Double
        /// Milliseconds since the Unix epoch.
        package var timestamp: Int64

        /// An exemplar at `timestamp` milliseconds.
        package init(_ labels: Labels, value: Double, timestamp: Int64) {
            self.labels = labels
            self.value = value
            self.timestamp = timestamp
        }
    }
}
