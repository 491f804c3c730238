/// Why bytes from the wire were refused. Offsets count bytes from the start of the decoded body.
package enum WireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The input ends inside a value that starts at or before `offset`.
    case truncated(offset: Int)
    /// The bytes at `offset` cannot be what the format asks for.
    case malformed(offset: Int, what: String)
    /// A line of a text format is wrong; lines count from 1.
    case malformedLine(line: Int, what: String)
    /// Messages or values are nested deeper than `limit`.
    case tooDeep(limit: Int)
    /// `what` (bytes, series, decoded memory …) is more than `limit`.
    case tooLarge(limit: Int, what: String)

    package var description: String {
        switch self {
        case .truncated(let offset): "input ends early at offset \(offset)"
        case .malformed(let offset, let what): "\(what) at offset \(offset)"
        case .malformedLine(let line, let what): "line \(line): \(what)"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .tooLarge(let limit, let what): "\(what) over the limit of \(limit)"
        }
    }
}
