/// Which forms of a histogram are taken from an exposition.
package struct HistogramReading: Sendable, Hashable {
    /// Native histograms; else their classic form.
    package var takesNative = false
    /// Classic histograms, also of those that are taken as native ones.
    package var keepsClassic = false
    /// Whether classic histograms become native ones with bounds of their own.
    package var convertsClassic = false

    /// As Prometheus does when nothing is said: classic histograms alone.
    package init(takesNative: Bool = false, keepsClassic: Bool = false, convertsClassic: Bool = false) {
        self.takesNative = takesNative
        self.keepsClassic = keepsClassic
        self.convertsClassic = convertsClassic
    }
}
