/// One byte of each of some numbers.
struct BytePlane {
    let bytes: [UInt8]
    /// What an ideal coder would need for them.
    let bits: Double

    /// The planes of numbers of which none needs more than `width` bytes, the one of the lowest bytes first.
    static func planes(_ numbers: UnsafeBufferPointer<UInt64>, width: Int) -> [BytePlane] {
        (0..<width).map { plane in
            let bytes = bytes(numbers, plane)
            return BytePlane(bytes: bytes, bits: bytes.withUnsafeBytes { ByteEntropy.bits($0) })
        }
    }

    /// The bytes of one plane alone, counted from the lowest.
    static func bytes<Number: FixedWidthInteger & UnsignedInteger>(
        _ numbers: UnsafeBufferPointer<Number>, _ plane: Int
    ) -> [UInt8] {
        let shift = Number(truncatingIfNeeded: plane * 8)
        return [UInt8](unsafeUninitializedCapacity: numbers.count) { out, count in
            for index in 0..<numbers.count {
                out.initializeElement(at: index, to: UInt8(truncatingIfNeeded: numbers[index] &>> shift))
            }
            count = numbers.count
        }
    }

    /// The bytes that numbers up to `largest` need.
    static func width(_ largest: UInt64) -> Int { (71 - largest.leadingZeroBitCount) / 8 }
}
