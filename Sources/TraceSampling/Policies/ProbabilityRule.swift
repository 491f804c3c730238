/// `probabilistic`: a share of the traces, chosen by a hash of their ids, as the Collector chooses them.
///
/// FNV-1a with 64 bits (Fowler, Noll and Vo) over the salt and the id must not be above the share of 2⁶⁴.
package struct ProbabilityRule: SamplingRule {
    private let salt: UInt64
    private let threshold: UInt64

    /// - Parameters:
    ///   - percentage: 0 for none, 100 and more for all.
    ///   - salt: the Collector's default when empty.
    package init(percentage: Double, salt: String = "") {
        let text = salt.isEmpty ? "default-hash-seed" : salt
        self.salt = text.utf8.reduce(FNV.basis64) { FNV.add($1, to: $0) }
        let share = percentage / 100 * 0x1p64
        threshold = share >= 0x1p64 ? .max : share > 0 ? UInt64(share) : 0
    }

    package func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        var hash = salt
        withUnsafeBytes(of: (trace.high.bigEndian, trace.low.bigEndian)) { id in
            for byte in id { hash = FNV.add(byte, to: hash) }
        }
        return SamplingDecision(matches: hash <= threshold)
    }
}
