package import MartletCore

/// `{selector} stage*`.
package struct LogExpression: Sendable, Hashable {
    /// At least one does not match the empty value.
    package var matchers: [Matcher]
    /// In order of execution.
    package var stages: [LogStage]
}
