/// FNV-1a (Fowler, Noll and Vo), a byte at a time: what the Collector's samplers hash ids with.
enum FNV {
    static let basis64: UInt64 = 0xCBF2_9CE4_8422_2325
    static let basis32: UInt32 = 0x811C_9DC5

    static func add(_ byte: UInt8, to hash: UInt64) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

    static func add(_ byte: UInt8, to hash: UInt32) -> UInt32 { (hash ^ UInt32(byte)) &* 0x0100_0193 }
}
