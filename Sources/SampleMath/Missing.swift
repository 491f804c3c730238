/// The mark of a step at which a series has no sample: a NaN with bits of its own, so that columns stay plain doubles.
/// It is neither Prometheus' staleness marker nor a NaN that arithmetic makes.
package enum Missing {
    @inlinable
    package static var bits: UInt64 { 0x7ff8_4d41_5254_4c54 }

    @inlinable
    package static var value: Double { Double(bitPattern: bits) }

    @inlinable
    package static func isMissing(_ value: Double) -> Bool { value.bitPattern == bits }
}
