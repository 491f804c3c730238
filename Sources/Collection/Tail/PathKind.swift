/// Kinds of directory entries that a glob tells apart.
package enum PathKind: Sendable, Hashable {
    case file
    case directory
    /// Sockets, pipes, devices, symbolic links that are not followed.
    case other
}
