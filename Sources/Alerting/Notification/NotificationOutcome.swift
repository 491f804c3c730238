package import MartletCore

/// How one notification, or the test of a receiver, ended.
package struct NotificationOutcome: Sendable, Hashable {
    /// When it ended, Unix nanoseconds.
    package let endedAt: Int64
    /// From the first attempt to the end.
    package let seconds: Double
    /// How often it was tried.
    package let attempts: Int
    /// The receiver's name.
    package let receiver: String
    /// The position among the receiver's webhooks.
    package let integration: Int
    /// The group that it told of; empty for a test.
    package let groupKey: String
    /// The labels of the group, or of the test's alert.
    package let labels: Labels
    /// Alerts that fired.
    package let firing: Int
    /// Alerts that were over.
    package let resolved: Int
    /// Why it was given up; nil when the receiver was told.
    package let error: String?
    /// True when somebody tried the receiver.
    package let isTest: Bool
}
