/// A file of a store that never changes again.
package struct SealedFile: Sendable, Hashable {
    /// Where it lies on the local disk.
    package let path: String
    /// Bytes.
    package let size: Int64
    /// What it has.
    package let span: SealedSpan
    /// Unix nanoseconds of the first and the last of the lines or spans in it.
    package let times: ClosedRange<Int64>

    /// A file.
    package init(path: String, size: Int64, span: SealedSpan, times: ClosedRange<Int64>) {
        self.path = path
        self.size = size
        self.span = span
        self.times = times
    }
}
