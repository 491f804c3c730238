import MartletCore

extension OTLP {
    /// A span's 8-byte id as a big-endian word. Zero is the invalid id and stands for an absent one.
    package struct SpanID: Sendable, Hashable, Comparable, CustomStringConvertible {
        /// The eight bytes, first byte highest.
        package var value: UInt64

        /// From its word; zero unless given.
        package init(_ value: UInt64 = 0) {
            self.value = value
        }

        /// From eight bytes; no bytes are the zero id; nil for any other length.
        package init?(bytes: UnsafeRawBufferPointer) {
            switch bytes.count {
            case 0: self.init()
            case 8: self.init(UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
            default: return nil
            }
        }

        /// From up to 16 hex digits of any case, padded with zeros on the left; nil for anything else or none.
        package init?(hex: UnsafeRawBufferPointer) {
            guard (1...16).contains(hex.count) else { return nil }
            self.init()
            for byte in hex {
                guard let digit = Hex.value(of: byte) else { return nil }
                value = value << 4 | UInt64(digit)
            }
        }

        /// From up to 16 hex digits of any case, padded with zeros on the left; nil for anything else or none.
        package init?(hex: String) {
            let parsed = ByteString(hex).withBytes { SpanID(hex: $0) }
            guard let parsed else { return nil }
            self = parsed
        }

        /// Whether this is no id.
        package var isZero: Bool { value == 0 }

        /// The eight bytes.
        package var bytes: [UInt8] {
            withUnsafeBytes(of: value.bigEndian) { [UInt8]($0) }
        }

        /// 16 lower-case hex digits.
        package var description: String { Hex.text(bytes) }

        package static func < (left: SpanID, right: SpanID) -> Bool {
            left.value < right.value
        }
    }
}
