import MartletCore

extension OTLP {
    /// A trace's 16-byte id as two big-endian words. Zero is the invalid id and stands for an absent one.
    package struct TraceID: Sendable, Hashable, Comparable, CustomStringConvertible {
        /// The first eight bytes.
        package var high: UInt64
        /// The last eight bytes.
        package var low: UInt64

        /// From its two words; zero unless given.
        package init(high: UInt64 = 0, low: UInt64 = 0) {
            self.high = high
            self.low = low
        }

        /// From 16 bytes; no bytes are the zero id; nil for any other length.
        package init?(bytes: UnsafeRawBufferPointer) {
            switch bytes.count {
            case 0: self.init()
            case 16:
                self.init(
                    high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            default: return nil
            }
        }

        /// From up to 32 hex digits of any case, padded with zeros on the left; nil for anything else or none.
        package init?(hex: UnsafeRawBufferPointer) {
            guard (1...32).contains(hex.count) else { return nil }
            self.init()
            for byte in hex {
                guard let digit = Hex.value(of: byte) else { return nil }
                high = high << 4 | low >> 60
                low = low << 4 | UInt64(digit)
            }
        }

        /// From up to 32 hex digits of any case, padded with zeros on the left; nil for anything else or none.
        package init?(hex: String) {
            let parsed = ByteString(hex).withBytes { TraceID(hex: $0) }
            guard let parsed else { return nil }
            self = parsed
        }

        /// Whether this is no id.
        package var isZero: Bool { high == 0 && low == 0 }

        /// The 16 bytes.
        package var bytes: [UInt8] {
            var out: [UInt8] = []
            withUnsafeBytes(of: high.bigEndian) { out.append(contentsOf: $0) }
            withUnsafeBytes(of: low.bigEndian) { out.append(contentsOf: $0) }
            return out
        }

        /// 32 lower-case hex digits.
        package var description: String { Hex.text(bytes) }

        package static func < (left: TraceID, right: TraceID) -> Bool {
            (left.high, left.low) < (right.high, right.low)
        }
    }
}
