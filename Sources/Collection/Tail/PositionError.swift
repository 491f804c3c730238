/// Why saved positions could not be used.
package enum PositionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file does not begin as ours do.
    case notPositions
    /// Its contents changed since it was written.
    case checksum
    /// A line is not as written by us.
    case malformed(line: Int)

    /// One line; the caller adds the path.
    package var description: String {
        switch self {
        case .notPositions: "not a positions file of martlet-agent"
        case .checksum: "the checksum of the positions does not fit"
        case .malformed(let line): "line \(line) of the positions is malformed"
        }
    }
}
