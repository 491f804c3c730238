/// How the values of a series develop from round to round.
enum ValueKind: Sendable {
    /// A counter of whole numbers.
    case count
    /// A counter with two decimals.
    case seconds
    /// A number of bytes that goes up and down a little, with three decimals.
    case gauge
    /// Always the same.
    case constant
    /// A small number that goes up and down.
    case integer

    /// The value of a round: a function of its arguments alone, which never falls for a counter.
    /// - Parameter identity: random bits of the series.
    func value(_ identity: UInt64, _ round: Int64) -> Double {
        let base = Mixing.unit(identity)
        let noise = Mixing.unit(Mixing.mix(identity, UInt64(bitPattern: round)))
        let progress = Double(round) + noise
        return switch self {
        case .count: (base * 1e6).rounded() + (progress * (1 + base * 500)).rounded(.down)
        case .seconds: ((base * 1e5 + progress * 15) * 100).rounded() / 100
        case .gauge: (base * 1e9 * (1 + (noise - 0.5) * 0.02) * 1000).rounded() / 1000
        case .constant: (base * 1e6).rounded()
        case .integer: (base * 1000 + noise * 9).rounded()
        }
    }
}
