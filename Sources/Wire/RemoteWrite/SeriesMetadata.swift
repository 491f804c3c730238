extension RemoteWrite {
    /// What a series' metric is, as 2.0 sends it with the series; `type` as in `WriteRequest.Metadata`.
    package struct SeriesMetadata: Sendable, Hashable {
        package var type: Int32
        package var help: String
        package var unit: String

        /// Metadata of a metric.
        package init(type: Int32, help: String = "", unit: String = "") {
            self.type = type
            self.help = help
            self.unit = unit
        }
    }
}
