import MartletCore

/// A split-block Bloom filter (Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters"): says which
/// hashes are surely not among those that were put in. With eight bits a value about 3 % of the others pass, with twelve 0.4 %.
///
/// Blocks of 32 bytes, each eight little-endian words of 32 bits. The hash's upper half chooses the block, its lower half one
/// bit in each word, through eight odd multipliers.
struct ValueFilter {
    private static let blockBytes = 32
    private static let multipliers: [UInt32] = [
        0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947, 0x5C6B_FB31,
    ]

    private(set) var bytes: [UInt8]

    /// An empty filter for so many values, with so many bits for each.
    init(values: Int, bits: Int) {
        let blocks = (values * bits + Self.blockBytes * 8 - 1) / (Self.blockBytes * 8)
        bytes = [UInt8](repeating: 0, count: max(1, blocks) * Self.blockBytes)
    }

    mutating func insert(_ hash: UInt64) {
        let block = Self.block(hash, bytes.count)
        for word in 0..<8 {
            let bit = Self.bit(hash, word)
            bytes[block + word * 4 + bit / 8] |= 1 << UInt8(bit % 8)
        }
    }

    /// Whether the hash may be among those of a filter; also for bytes that are none.
    static func mayContain(_ hash: UInt64, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty, bytes.count % blockBytes == 0 else { return true }
        let block = block(hash, bytes.count)
        for word in 0..<8 {
            let bit = bit(hash, word)
            if bytes[block + word * 4 + bit / 8] & 1 << UInt8(bit % 8) == 0 { return false }
        }
        return true
    }

    private static func block(_ hash: UInt64, _ count: Int) -> Int {
        Int(((hash >> 32) &* UInt64(count / blockBytes)) >> 32) * blockBytes
    }

    private static func bit(_ hash: UInt64, _ word: Int) -> Int {
        Int((UInt32(truncatingIfNeeded: hash) &* multipliers[word]) >> 27)
    }

    /// The hash of a trace's id: the ids of some senders are not random in all their bits.
    static func hash(high: UInt64, low: UInt64) -> UInt64 {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Hash64.hash($0) }
    }
}
