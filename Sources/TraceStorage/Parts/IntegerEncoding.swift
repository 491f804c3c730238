/// The way in which a column of unsigned numbers is written. Each number is written as its difference to the smallest.
enum IntegerEncoding: UInt8, Sendable {
    /// All are the same; there is no page.
    case constant = 0
    /// One page: all differences with the same number of bits.
    case packed = 1
    /// One page: the distinct differences, ascending (uvarint count, then uvarints that count on from the one before),
    /// then a byte for each number, its index among them.
    case table = 2
    /// Two pages: for each difference a byte with its number of bits, 0 to 64; then, without gaps, the bits of each below
    /// its highest.
    case split = 3

    /// Most distinct values of a table.
    static let tableLimit = 256
}
