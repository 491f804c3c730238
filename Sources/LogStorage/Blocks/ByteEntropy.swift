import Glibc

/// What an ideal coder of single bytes would need: the estimate by which encodings are chosen.
enum ByteEntropy {
    /// Bits for all of `bytes`.
    static func bits(_ bytes: UnsafeRawBufferPointer) -> Double {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { counts in
            counts.initialize(repeating: 0)
            for byte in bytes { counts[Int(byte)] &+= 1 }
            return bits(UnsafeBufferPointer(counts), total: bytes.count)
        }
    }

    /// Bits for `total` symbols of which there are `counts` each.
    static func bits(_ counts: UnsafeBufferPointer<UInt32>, total: Int) -> Double {
        guard total > 0 else { return 0 }
        var bits = Double(total) * log2(Double(total))
        for count in counts where count > 1 { bits -= Double(count) * log2(Double(count)) }
        return bits
    }
}
