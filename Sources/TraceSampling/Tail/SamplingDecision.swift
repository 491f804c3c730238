/// What one policy says of a trace.
package enum SamplingDecision: Sendable, Hashable {
    /// The trace is to be kept.
    case sampled
    /// Nothing in the trace asks for it to be kept.
    case notSampled
    /// A policy with `invert_match` did not find what it looks for: kept, unless another policy says `notSampled`.
    case invertedSampled
    /// A policy with `invert_match` found what it looks for: not kept, whatever others say.
    case invertedNotSampled
    /// Not kept, before everything else.
    case dropped

    /// Whether the policy is for keeping the trace: what policies that are made of others ask.
    package var isFor: Bool { self == .sampled || self == .invertedSampled }

    /// The decision of a condition that holds or does not, possibly of a policy with `invert_match`.
    init(matches: Bool, inverted: Bool = false) {
        self =
            switch (matches, inverted) {
            case (true, false): .sampled
            case (false, false): .notSampled
            case (true, true): .invertedNotSampled
            case (false, true): .invertedSampled
            }
    }
}
