import CPlatform

/// CRC-32C (Castagnoli polynomial), in hardware where the processor has it.
package enum CRC32C {
    /// The checksum; pass a previous result as `seed` to continue it.
    package static func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        guard let base = bytes.baseAddress else { return seed }
        return cplatform_crc32c(seed, base, bytes.count)
    }

    /// The same with tables only; for comparison.
    package static func portableChecksum(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        guard let base = bytes.baseAddress else { return seed }
        return cplatform_crc32c_portable(seed, base, bytes.count)
    }
}
