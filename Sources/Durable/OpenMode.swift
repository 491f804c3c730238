/// How a file is opened.
package enum OpenMode: Sendable, Hashable {
    /// For reading; the file must exist.
    case read
    /// For reading and writing; the file must exist.
    case readWrite
    /// For reading and writing; created when missing, kept as it is otherwise.
    case create
    /// For reading and writing; an existing file is `.exists`.
    case createNew
    /// For reading and writing; created when missing, emptied otherwise.
    case truncate
}
