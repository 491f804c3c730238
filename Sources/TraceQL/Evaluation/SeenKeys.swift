/// A set that is asked for the same few keys by most rows: those asked for last are known without a look into it.
struct SeenKeys {
    private static let places: UInt64 = 1024

    private var all: Set<UInt64> = []
    /// The key that was last in each place; it is one of `all` where `isTaken`.
    private var last = [UInt64](repeating: 0, count: Int(places))
    private var isTaken = [Bool](repeating: false, count: Int(places))

    /// Whether a key was not there before; it is from now on.
    mutating func isNew(_ key: UInt64) -> Bool {
        let place = Int((key &* 0x9E37_79B9_7F4A_7C15) >> 54)
        if last[place] == key, isTaken[place] { return false }
        last[place] = key
        isTaken[place] = true
        return all.insert(key).inserted
    }
}
