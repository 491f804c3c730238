/// Prometheus' staleness marker: the NaN with the bits 0x7ff0000000000002 ends a series until its next sample.
package enum StaleNaN {
    @inlinable
    package static var bits: UInt64 { 0x7ff0_0000_0000_0002 }

    /// The ordinary NaN of Go and Prometheus.
    @inlinable
    package static var ordinaryBits: UInt64 { 0x7ff8_0000_0000_0001 }

    @inlinable
    package static var value: Double { Double(bitPattern: bits) }

    @inlinable
    package static func isStale(_ value: Double) -> Bool { value.bitPattern == bits }
}
