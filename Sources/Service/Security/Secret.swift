/// A password, token or key from a configuration file: never printed, logged or shown.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The value itself; hand it to the one place that needs it.
    package let revealed: String

    /// - Parameter revealed: the value itself.
    package init(_ revealed: String) {
        self.revealed = revealed
    }

    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
