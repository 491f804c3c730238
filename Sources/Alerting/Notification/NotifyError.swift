/// Why an attempt to tell a receiver failed.
package struct NotifyError: Error, Sendable, CustomStringConvertible {
    /// What happened.
    package let reason: String
    /// True when trying again may help.
    package let canRetry: Bool

    /// The reason.
    package var description: String { reason }
}
