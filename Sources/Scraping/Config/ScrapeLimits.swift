/// Limits on what one scrape may bring; 0 is no limit. A scrape that breaches one fails as a whole.
package struct ScrapeLimits: Sendable, Hashable {
    /// Bytes of the decompressed body.
    package var bodySize = 0
    /// Samples after relabelling.
    package var samples = 0
    /// Targets of one scrape configuration.
    package var targets = 0
    /// Labels of a series.
    package var labels = 0
    /// Bytes of a label's name.
    package var labelName = 0
    /// Bytes of a label's value.
    package var labelValue = 0
    /// Dropped targets that are remembered for the API.
    package var droppedTargets = 0

    /// No limits.
    package init() {}
}
