package import MartletCore

/// How long the samples of some series are kept, where that is shorter than the retention of the store.
///
/// Of several rules the first whose selector a series passes counts.
package struct RetentionRule: Sendable, Hashable {
    /// All must pass.
    package let matchers: [Matcher]
    /// Samples go that are this many milliseconds older than the newest block's end.
    package let keepMs: Int64

    /// A rule.
    package init(matchers: [Matcher], keepMs: Int64) {
        self.matchers = matchers
        self.keepMs = keepMs
    }
}
