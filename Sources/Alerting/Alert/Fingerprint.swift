package import MartletCore

/// The identity of an alert: Prometheus' fingerprint of its label set, FNV-1a over names and values in order with a
/// 0xFF byte after each (prometheus/common, model.LabelSet.Fingerprint).
package struct Fingerprint: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The hash.
    package let value: UInt64

    /// Of a label set.
    package init(_ labels: Labels) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ bytes: UnsafeRawBufferPointer) {
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01b3
        }
        labels.forEach { name, value in
            add(name)
            add(value)
        }
        value = hash
    }

    /// As it was stored.
    package init(value: UInt64) { self.value = value }

    /// 16 hexadecimal digits, as the API shows it.
    package var description: String { Hex.text(value) }

    /// By number.
    package static func < (left: Fingerprint, right: Fingerprint) -> Bool { left.value < right.value }
}
