extension OTLP {
    /// How much of an accepted export request was refused. With nothing rejected and no message the request succeeded whole;
    /// a message alone is a warning. The sender must not try again.
    package struct PartialSuccess: Sendable, Hashable {
        /// Number of refused spans, log records or data points.
        package var rejected: Int64
        /// Why, for people.
        package var message: String

        /// Full success unless given.
        package init(rejected: Int64 = 0, message: String = "") {
            self.rejected = rejected
            self.message = message
        }

        /// All was taken.
        package static let full = PartialSuccess()

        /// Whether the response says nothing.
        package var isFull: Bool { rejected == 0 && message.isEmpty }
    }
}
