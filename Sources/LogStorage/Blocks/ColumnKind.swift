/// How the variables of a column are stored.
enum ColumnKind: UInt8 {
    /// Decimal digits as `DigitText` numbers, less the smallest.
    case digits = 1
    /// The same as zigzag differences from one to the next.
    case deltas = 2
    /// Hexadecimal digits of one length and case, two to the byte.
    case lowerHex = 3
    case upperHex = 4
    /// UUIDs of one case, 16 bytes each.
    case lowerUUID = 5
    case upperUUID = 6
    /// Distinct texts and a number for each variable.
    case dictionary = 7
    /// Texts one after the other.
    case text = 8
}
