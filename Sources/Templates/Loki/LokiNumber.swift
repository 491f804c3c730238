import Glibc
import MartletCore

/// What Loki's functions make of a value when they need a number. Like the Go library behind them (cast), what is no number
/// is zero.
enum LokiNumber {
    /// A whole number: decimals are cut off; texts may be hexadecimal, octal or binary as in Go.
    static func int(_ value: TemplateValue) -> Int64 {
        switch value {
        case .int(let value): value
        case .float(let value): value.magnitude < 0x1p63 ? Int64(value) : .min
        case .bool(let value): value ? 1 : 0
        case .string(let text): int(text)
        default: 0
        }
    }

    /// A floating-point number.
    static func float(_ value: TemplateValue) -> Double {
        switch value {
        case .int(let value): Double(value)
        case .float(let value): value
        case .bool(let value): value ? 1 : 0
        case .string(let text): Double(text) ?? 0
        default: 0
        }
    }

    private static func int(_ text: String) -> Int64 {
        var digits = Substring(text)
        if let point = digits.firstIndex(of: ".") {
            let (before, after) = (digits[..<point], digits[digits.index(after: point)...])
            let unsigned = before.first == "-" || before.first == "+" ? before.dropFirst() : before
            guard unsigned.allSatisfy(\.isDecimalDigit), after.allSatisfy(\.isDecimalDigit) else { return 0 }
            digits = unsigned.isEmpty ? "0" : before
        }
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits = digits.dropFirst() }
        var radix = 10
        if digits.first == "0", let mark = digits.dropFirst().first {
            switch mark {
            case "x", "X": radix = 16
            case "b", "B": radix = 2
            case "o", "O": radix = 8
            default: radix = 8
            }
            digits = digits.dropFirst(mark.isDecimalDigit ? 1 : 2)
        }
        guard digits.first != "-", digits.first != "+" else { return 0 }
        return Int64((isNegative ? "-" : "") + digits, radix: radix) ?? 0
    }

    /// `addf`, `subf`, `mulf`, `divf`: decimal numbers, one after the other.
    static func fold(
        _ first: Double, _ others: ArraySlice<TemplateValue>,
        _ decimal: (DecimalNumber, DecimalNumber) throws -> DecimalNumber?, _ binary: (Double, Double) -> Double
    ) throws -> TemplateValue {
        var exact = DecimalNumber(first)
        var result = first
        for other in others {
            let value = float(other)
            let next = DecimalNumber(value)
            if let a = exact, let b = next, let folded = try decimal(a, b) {
                exact = folded
                result = folded.double
            } else {
                result = binary(result, value)
                exact = DecimalNumber(result)
            }
        }
        return .float(result)
    }

    /// To `places` behind the point; a rest of `limit` or more is rounded up.
    static func round(_ value: Double, places: Int64, limit: Double) -> Double {
        let power = pow(10, Double(places))
        let digits = power * value
        let rest = digits - digits.rounded(.towardZero)
        return digits.rounded(rest >= limit ? .up : .down) / power
    }
}

extension Character {
    fileprivate var isDecimalDigit: Bool { self >= "0" && self <= "9" }
}
