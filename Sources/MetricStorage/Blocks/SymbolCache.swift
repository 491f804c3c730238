/// Remembers where symbols lie that were asked for lately: label names, and values that many series share.
struct SymbolCache {
    private static let size: UInt32 = 1024
    /// Symbol number + 1; 0 is a free place.
    private var numbers = [UInt32](repeating: 0, count: Int(Self.size))
    private var ranges = [Range<Int>](repeating: 0..<0, count: Int(Self.size))

    func find(_ number: UInt32) -> Range<Int>? {
        let place = Int(number % Self.size)
        return numbers[place] == number &+ 1 && number != .max ? ranges[place] : nil
    }

    mutating func add(_ number: UInt32, _ range: Range<Int>) {
        let place = Int(number % Self.size)
        numbers[place] = number &+ 1
        ranges[place] = range
    }
}
