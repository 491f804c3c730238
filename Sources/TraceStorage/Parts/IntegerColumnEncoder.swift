import Glibc
import MartletCore

/// Chooses how a column of numbers is written and writes it.
struct IntegerColumnEncoder {
    /// The pages' contents, and the column without references to them.
    struct Result {
        let encoding: IntegerEncoding
        let count: Int
        let minimum: UInt64
        let maximum: UInt64
        let pages: [[UInt8]]
    }

    static func encode(_ values: [UInt64]) -> Result {
        guard var minimum = values.first else {
            return Result(encoding: .constant, count: 0, minimum: 0, maximum: 0, pages: [])
        }
        var maximum = minimum
        for value in values {
            minimum = min(minimum, value)
            maximum = max(maximum, value)
        }
        func result(_ encoding: IntegerEncoding, _ pages: [[UInt8]]) -> Result {
            Result(encoding: encoding, count: values.count, minimum: minimum, maximum: maximum, pages: pages)
        }
        if minimum == maximum { return result(.constant, []) }
        let width = 64 - (maximum - minimum).leadingZeroBitCount
        var lengths = [Int](repeating: 0, count: 65)
        for value in values { lengths[64 - (value - minimum).leadingZeroBitCount] += 1 }
        let packedBits = Double(values.count * width)
        var splitBits = entropy(lengths, values.count) + 512
        for length in 2...64 { splitBits += Double(lengths[length] * (length - 1)) }
        if let table = Table(values, minimum) {
            let tableBits = entropy(table.counts, values.count) + Double(table.values.count * 16)
            // Bytes are read faster than bits, which is worth a little.
            if tableBits <= 1.1 * packedBits, tableBits <= 1.1 * splitBits {
                return result(.table, [table.page(values)])
            }
        }
        if packedBits <= splitBits {
            var writer = BitWriter(reserving: values.count * width)
            for value in values { writer.append(value - minimum, width: UInt64(width)) }
            return result(.packed, [writer.finish()])
        }
        return result(.split, split(values, minimum, bits: Int(splitBits)))
    }

    private static func split(_ values: [UInt64], _ minimum: UInt64, bits: Int) -> [[UInt8]] {
        var lengths = [UInt8](repeating: 0, count: values.count)
        var writer = BitWriter(reserving: bits)
        for index in values.indices {
            let difference = values[index] - minimum
            let length = UInt64(64 - difference.leadingZeroBitCount)
            lengths[index] = UInt8(length)
            if length > 1 { writer.append(difference & ((1 << (length - 1)) &- 1), width: length - 1) }
        }
        return [lengths, writer.finish()]
    }

    /// Bits that symbols with these counts take when coded one by one: no symbol takes less than a tenth of a bit.
    private static func entropy(_ counts: [Int], _ total: Int) -> Double {
        var bits = 0.0
        for count in counts where count > 0 {
            bits += Double(count) * max(0.1, log2(Double(total) / Double(count)))
        }
        return bits
    }
}

extension IntegerColumnEncoder {
    /// The distinct values of a column that has few.
    fileprivate struct Table {
        /// Differences to the smallest, ascending.
        var values: [UInt64] = []
        var counts: [Int] = []
        private let minimum: UInt64
        /// Open addressing: index in `found` + 1.
        private var slots = [UInt16](repeating: 0, count: 1024)
        private var found: [UInt64] = []
        /// The place in `values` of each element of `found`.
        private var ranks: [UInt8] = []

        /// Nil when there are too many.
        init?(_ all: [UInt64], _ minimum: UInt64) {
            self.minimum = minimum
            var tallies: [Int] = []
            var last = -1
            for value in all {
                // Neighbours often have the same value.
                if last >= 0, found[last] == value {
                    tallies[last] += 1
                    continue
                }
                var slot = Self.slot(value)
                while slots[slot] != 0, found[Int(slots[slot]) - 1] != value { slot = (slot + 1) & 1023 }
                if slots[slot] == 0 {
                    if found.count == IntegerEncoding.tableLimit { return nil }
                    found.append(value)
                    tallies.append(0)
                    slots[slot] = UInt16(found.count)
                }
                last = Int(slots[slot]) - 1
                tallies[last] += 1
            }
            ranks = [UInt8](repeating: 0, count: found.count)
            for (rank, place) in found.indices.sorted(by: { found[$0] < found[$1] }).enumerated() {
                values.append(found[place] - minimum)
                counts.append(tallies[place])
                ranks[place] = UInt8(rank)
            }
        }

        func page(_ all: [UInt64]) -> [UInt8] {
            var writer = ByteWriter()
            writer.bytes.reserveCapacity(all.count + values.count * 4)
            writer.uvarint(UInt64(values.count))
            var previous: UInt64 = 0
            for value in values {
                writer.uvarint(value - previous)
                previous = value
            }
            for value in all {
                var slot = Self.slot(value)
                while found[Int(slots[slot]) - 1] != value { slot = (slot + 1) & 1023 }
                writer.u8(ranks[Int(slots[slot]) - 1])
            }
            return writer.bytes
        }

        private static func slot(_ value: UInt64) -> Int {
            Int(truncatingIfNeeded: (value &* 0x9E37_79B9_7F4A_7C15) >> 54)
        }
    }
}
