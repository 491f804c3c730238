/// Numbers that look random and depend on nothing but what is mixed into them.
enum Mixing {
    /// SplitMix64's last step over two numbers.
    @inline(__always)
    static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var mixed = a &+ (b &+ 1) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// At least 0, below 1.
    @inline(__always)
    static func unit(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }

    /// At least 0, below `bound`.
    @inline(__always)
    static func below(_ bound: Int, _ bits: UInt64) -> Int {
        Int(truncatingIfNeeded: (bits >> 32) &* UInt64(bound) >> 32)
    }
}
