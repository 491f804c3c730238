import Glibc

/// What an ideal coder of single bytes would need: the estimate by which encodings are chosen.
enum ByteEntropy {
    /// Sendable: never written after it was filled, never freed.
    private struct Table: @unchecked Sendable {
        /// n · log2 n for small n.
        let products: UnsafePointer<Double>

        init() {
            let products = UnsafeMutablePointer<Double>.allocate(capacity: ByteEntropy.tableSize)
            products[0] = 0
            for number in 1..<ByteEntropy.tableSize { products[number] = Double(number) * log2(Double(number)) }
            self.products = UnsafePointer(products)
        }
    }

    private static let tableSize = 4096
    private static let table = Table()

    /// Bits for all of `bytes`.
    static func bits(_ bytes: UnsafeRawBufferPointer) -> Double {
        // Equal bytes in a row are counted in different places, so that no count waits for the one before.
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 4 * 256) { counts in
            guard let counted = counts.baseAddress else { return 0 }
            counts.initialize(repeating: 0)
            let whole = bytes.count & ~3
            var at = 0
            while at < whole {
                let word = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
                counted[word & 255] &+= 1
                counted[256 + (word >> 8 & 255)] &+= 1
                counted[512 + (word >> 16 & 255)] &+= 1
                counted[768 + (word >> 24)] &+= 1
                at += 4
            }
            for byte in bytes[whole...] { counted[Int(byte)] &+= 1 }
            for byte in 0..<256 { counted[byte] &+= counted[256 + byte] &+ counted[512 + byte] &+ counted[768 + byte] }
            return bits(UnsafeBufferPointer(start: counted, count: 256), total: bytes.count)
        }
    }

    /// Bits for `total` symbols of which there are `counts` each.
    static func bits(_ counts: UnsafeBufferPointer<UInt32>, total: Int) -> Double {
        guard total > 0 else { return 0 }
        let products = table.products
        var bits = product(total, products)
        for count in counts where count > 1 { bits -= product(Int(count), products) }
        return bits
    }

    @inline(__always)
    private static func product(_ number: Int, _ products: UnsafePointer<Double>) -> Double {
        number < tableSize ? products[number] : Double(number) * log2(Double(number))
    }
}
