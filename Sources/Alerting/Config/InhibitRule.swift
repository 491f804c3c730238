package import MartletCore

/// While a source alert fires, target alerts with equal values of the named labels send nothing.
package struct InhibitRule: Sendable {
    /// What silences.
    package let source: [Matcher]
    /// What is silenced.
    package let target: [Matcher]
    /// Labels that must have the same value on both; a missing label counts as empty.
    package let equal: [String]

    /// All parts.
    package init(source: [Matcher], target: [Matcher], equal: [String]) {
        self.source = source
        self.target = target
        self.equal = equal
    }
}
