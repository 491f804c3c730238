import Wire

/// What stands in brackets behind a path or a function.
enum OTTLKey: Sendable, Hashable, CustomStringConvertible {
    /// A key of a map.
    case text(ByteString)
    /// A place in a list, from 0.
    case place(Int)

    var description: String {
        switch self {
        case .text(let text): "[\"\(text)\"]"
        case .place(let place): "[\(place)]"
        }
    }
}
