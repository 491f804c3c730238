/// Decides upon spans one by one, by the ids of their traces: all spans of a trace get the same answer unless their
/// tracestates differ.
package struct HeadSampler: Sendable {
    /// What becomes of a span.
    package enum Verdict: Sendable, Hashable {
        case leftOut
        /// The span is kept; its tracestate says from now on how it was sampled. nil: as it was.
        case kept(traceState: [UInt8]?)
    }

    private let sampling: HeadSampling
    /// The share of spans that are kept, 0 to 1.
    private let share: Double
    /// The threshold, where it is the same for all spans.
    private let threshold: SamplingThreshold

    /// A sampler.
    package init(_ sampling: HeadSampling) {
        self.sampling = sampling
        let percentage = min(max(0, sampling.percentage), 100)
        // Shares too small for 56 bits are rounded up, so that something is kept.
        share = percentage == 0 ? 0 : max(Double(percentage) / 100, 0x1p-56)
        switch sampling.mode {
        case .hashSeed:
            // Hashes have 14 bits. The Collector multiplies with 32 bits and cuts.
            let kept = UInt64(percentage * Float(Self.hashes / 100))
            threshold = kept == 0 ? .never : SamplingThreshold((UInt64(Self.hashes) - kept) << 42)
        case .proportional, .equalizing:
            threshold = SamplingThreshold(keeping: share, precision: sampling.precision)
        }
    }

    /// The number of different hashes.
    private static let hashes = 16384.0

    /// Decides upon a span.
    ///
    /// - Parameters:
    ///   - traceID: 16 bytes.
    ///   - state: the tracestate; empty when there is none.
    package func decide(
        traceID: UnsafeRawBufferPointer, state: UnsafeRawBufferPointer, priority: SamplingPriority
    ) -> Verdict {
        var member = ProbabilityState(of: state)
        var isSound = member != nil
        let randomness: UInt64
        if sampling.mode == .hashSeed {
            // This mode knows nothing of what others did, and must not contradict them.
            if member?.threshold != nil || member?.randomness != nil { isSound = false }
            randomness = hashed(traceID)
            if isSound { member?.randomness = randomness }
        } else {
            randomness = member?.randomness ?? Self.ownRandomness(traceID)
        }
        if let earlier = member?.threshold, !earlier.keeps(randomness) {
            // It says that the span was left out before.
            isSound = false
            member?.threshold = nil
        }
        let threshold: SamplingThreshold =
            switch priority {
            case .leaveOut: .never
            case .keep: .always
            case .none where !isSound: sampling.failsClosed ? .never : .always
            case .none: self.threshold(after: member?.threshold)
            }
        guard threshold.keeps(randomness) else { return .leftOut }
        guard var member else { return .kept(traceState: nil) }
        // The probability of having been kept can only become smaller.
        member.threshold = max(member.threshold ?? .always, threshold)
        return .kept(traceState: TraceState.setting(ProbabilityState.key, to: member.encoded, in: state))
    }

    private func threshold(after earlier: SamplingThreshold?) -> SamplingThreshold {
        guard sampling.mode == .proportional, share > 0, let earlier else { return threshold }
        return SamplingThreshold(keeping: earlier.share * share, precision: sampling.precision)
    }

    /// The last 56 bits of the id (W3C Trace Context Level 2).
    private static func ownRandomness(_ traceID: UnsafeRawBufferPointer) -> UInt64 {
        traceID.suffix(7).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number of 56 bits whose upper 14 are the Collector's hash, turned round: FNV-1a over the seed, little-endian, and
    /// the id.
    private func hashed(_ traceID: UnsafeRawBufferPointer) -> UInt64 {
        var hash = FNV.basis32
        withUnsafeBytes(of: sampling.seed.littleEndian) { for byte in $0 { hash = FNV.add(byte, to: hash) } }
        for byte in traceID { hash = FNV.add(byte, to: hash) }
        let bucket = UInt64(hash) & 0x3FFF
        let unused = UInt64(hash >> 18)
        return ((0x3FFF - bucket) << 42) | ((unused ^ (unused << 10)) << 14) | bucket
    }
}
