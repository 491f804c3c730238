/// Durations as Go's `time.Duration` prints them, which is how Tempo answers: `1.5s`, `71.5ms`, `1h0m3s`.
enum DurationText {
    static func of(nanoseconds: Int64) -> String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        switch magnitude {
        case 0: return "0s"
        case ..<1000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return sign + decimal(magnitude, unit: 1000) + "µs"
        case ..<1_000_000_000: return sign + decimal(magnitude, unit: 1_000_000) + "ms"
        default: break
        }
        let (minutes, rest) = magnitude.quotientAndRemainder(dividingBy: 60_000_000_000)
        let seconds = decimal(rest, unit: 1_000_000_000) + "s"
        if minutes == 0 { return sign + seconds }
        return sign + (minutes < 60 ? "" : "\(minutes / 60)h") + "\(minutes % 60)m" + seconds
    }

    /// A number of units with as many decimals as it has.
    private static func decimal(_ value: UInt64, unit: UInt64) -> String {
        let (whole, rest) = value.quotientAndRemainder(dividingBy: unit)
        if rest == 0 { return String(whole) }
        var digits = Array(String(rest + unit).dropFirst())
        while digits.last == "0" { digits.removeLast() }
        return "\(whole)." + String(digits)
    }
}

extension Value {
    /// A number of nanoseconds as answers show it; other values as they are.
    var asDuration: Value {
        guard let nanoseconds = number, abs(nanoseconds) < 9e18 else { return self }
        if case .int(let exact) = self { return Value(DurationText.of(nanoseconds: exact)) }
        return Value(DurationText.of(nanoseconds: Int64(nanoseconds.rounded())))
    }
}

extension Operand {
    /// A value of the operand as answers show it.
    func shown(_ value: Value) -> Value {
        if case .intrinsic(let intrinsic) = self, intrinsic.type == .duration { return value.asDuration }
        return value
    }
}
