/// A small deterministic generator (Steele et al. 2014), so that every run tries the same mutations.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// `bytes` with one to four small changes: a flipped bit, another byte, a byte or run more or less, a cut end.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var out = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            guard !out.isEmpty else { return [UInt8.random(in: 0...255, using: &self)] }
            let at = Int.random(in: 0..<out.count, using: &self)
            switch Int.random(in: 0..<7, using: &self) {
            case 0: out[at] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 1: out[at] = UInt8.random(in: 0...255, using: &self)
            case 2: out.remove(at: at)
            case 3: out.insert(UInt8.random(in: 0...255, using: &self), at: at)
            case 4: out.removeLast(out.count - at)
            case 5: out[at] = [0, 0x7f, 0x80, 0xff].randomElement(using: &self) ?? 0
            default:
                let end = min(out.count, at + Int.random(in: 1...16, using: &self))
                out.insert(contentsOf: out[at..<end], at: Int.random(in: 0...out.count, using: &self))
            }
        }
        return out
    }
}
