extension OTLP {
    /// How ids and enums look in JSON.
    package struct JSONStyle: Sendable, Hashable {
        /// Ids in base64, as protobuf's own mapping has them, instead of hex.
        package var base64IDs: Bool
        /// Enums by name instead of number.
        package var enumNames: Bool

        /// A style of its own.
        package init(base64IDs: Bool, enumNames: Bool) {
            self.base64IDs = base64IDs
            self.enumNames = enumNames
        }

        /// OTLP/JSON: hex ids, enums as numbers.
        package static let otlp = JSONStyle(base64IDs: false, enumNames: false)
        /// What Tempo answers: ids in base64, enums by name.
        package static let tempo = JSONStyle(base64IDs: true, enumNames: true)
    }
}
