extension OTLP {
    /// An attribute.
    package struct KeyValue: Sendable, Hashable {
        /// The attribute's name.
        package var key: ByteString
        /// The attribute's value.
        package var value: AnyValue

        /// Empty unless given.
        package init(key: ByteString = .init(), value: AnyValue = .empty) {
            self.key = key
            self.value = value
        }
    }
}

extension [OTLP.KeyValue] {
    /// The value of the first attribute called `key`.
    package func first(_ key: ByteString) -> OTLP.AnyValue? {
        first { $0.key == key }?.value
    }
}
