/// What a search for exemplars found.
package struct FoundExemplars: Sendable, Hashable {
    /// By labels.
    package let series: [SeriesExemplars]
    /// What could not be read, each with its file.
    package let warnings: [String]
}
