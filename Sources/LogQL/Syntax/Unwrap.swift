/// `unwrap label`, and the label filters after it.
package struct Unwrap: Sendable, Hashable {
    /// How the label's text becomes a number.
    package enum Conversion: String, Sendable, Hashable {
        case number = "", duration, seconds = "duration_seconds", bytes
    }

    package var label: String
    package var conversion: Conversion
    package var filters: [LabelFilter]
}
