extension OTLP {
    /// How a span ended.
    package struct Status: Sendable, Hashable {
        /// What went wrong, for people.
        package var message: ByteString
        /// 0 unset, 1 ok, 2 error.
        package var code: Int32

        /// Everything at its default unless given.
        package init(
            message: ByteString = .init(),
            code: Int32 = 0
        ) {
            self.message = message
            self.code = code
        }
    }
}
