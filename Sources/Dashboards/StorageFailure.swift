/// A failed operation on the server's own files: one lower-case line with the path and the reason.
package struct StorageFailure: Error, CustomStringConvertible {
    /// The line.
    package let message: String

    package var description: String { message }
}
