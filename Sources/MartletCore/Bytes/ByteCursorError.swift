/// Why a read from a `ByteCursor` failed.
package enum ByteCursorError: Error, Hashable, Sendable {
    /// `needed` bytes were asked for at `offset`, fewer are there.
    case truncated(offset: Int, needed: Int)
    /// A variable-length integer at `offset` does not fit 64 bits.
    case overlongVarint(offset: Int)
}

extension ByteCursorError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let offset, let needed): "input ends: \(needed) more bytes needed at offset \(offset)"
        case .overlongVarint(let offset): "variable-length integer at offset \(offset) exceeds 64 bits"
        }
    }
}
