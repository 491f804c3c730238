import MartletCore

/// What the values of a field look like.
package enum FieldType: String, Sendable {
    case int, float, boolean, duration, bytes, string

    /// The narrowest kind that a value fits.
    package init(of value: String) {
        if Int64(value) != nil {
            self = .int
        } else if NumberText.isFloat(value) {
            self = .float
        } else if ["t", "T", "f", "F", "true", "TRUE", "True", "false", "FALSE", "False"].contains(value) {
            self = .boolean
        } else if (try? GoDuration.parse(value)) != nil {
            self = .duration
        } else if (try? ByteCountText.parse(value)) != nil {
            self = .bytes
        } else {
            self = .string
        }
    }
}
