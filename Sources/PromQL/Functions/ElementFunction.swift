import Glibc
import MartletCore

/// A function that turns every value of a vector into another one.
enum ElementFunction: String {
    case abs, ceil, floor, exp, ln, log2, log10, sqrt, sgn, round, clamp
    case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh, deg, rad
    case clampMin = "clamp_min"
    case clampMax = "clamp_max"
    case dayOfMonth = "day_of_month"
    case dayOfWeek = "day_of_week"
    case dayOfYear = "day_of_year"
    case daysInMonth = "days_in_month"
    case hour, minute, month, year

    init?(_ name: String) {
        self.init(rawValue: name)
    }

    /// True when the argument may be left out and then is the time.
    var isOfTime: Bool {
        switch self {
        case .dayOfMonth, .dayOfWeek, .dayOfYear, .daysInMonth, .hour, .minute, .month, .year: true
        default: false
        }
    }

    /// The function's value; nil where it has none. `a` and `b` are the scalar parameters of those that have any.
    func apply(_ x: Double, _ a: Double, _ b: Double) -> Double? {
        switch self {
        case .abs: return x.magnitude
        case .ceil: return x.rounded(.up)
        case .floor: return x.rounded(.down)
        case .exp: return Glibc.exp(x)
        case .ln: return Glibc.log(x)
        case .log2: return Glibc.log2(x)
        case .log10: return Glibc.log10(x)
        case .sqrt: return x.squareRoot()
        case .sgn: return x < 0 ? -1 : x > 0 ? 1 : x
        case .round:
            // Dividing by the inverse keeps decimal steps exact where they are.
            let inverse = 1 / a
            return (x * inverse + 0.5).rounded(.down) / inverse
        case .clamp: return a > b ? nil : GoMath.max(a, GoMath.min(b, x))
        case .clampMin: return GoMath.max(a, x)
        case .clampMax: return GoMath.min(a, x)
        case .sin: return Glibc.sin(x)
        case .cos: return Glibc.cos(x)
        case .tan: return Glibc.tan(x)
        case .asin: return Glibc.asin(x)
        case .acos: return Glibc.acos(x)
        case .atan: return Glibc.atan(x)
        case .sinh: return Glibc.sinh(x)
        case .cosh: return Glibc.cosh(x)
        case .tanh: return Glibc.tanh(x)
        case .asinh: return Glibc.asinh(x)
        case .acosh: return Glibc.acosh(x)
        case .atanh: return Glibc.atanh(x)
        case .deg: return x * 180 / .pi
        case .rad: return x * .pi / 180
        default: return calendar(x)
        }
    }

    private func calendar(_ x: Double) -> Double {
        // Beyond some thousand years either way the calendar means nothing, and integers overflow.
        guard x.magnitude < 1e14 else { return .nan }
        let time = CivilTime(unixSeconds: Int64(x))
        switch self {
        case .dayOfMonth: return Double(time.day)
        case .dayOfWeek: return Double(time.weekday)
        case .dayOfYear: return Double(time.dayOfYear)
        case .daysInMonth: return Double(time.daysInMonth)
        case .hour: return Double(time.hour)
        case .minute: return Double(time.minute)
        case .month: return Double(time.month)
        default: return Double(time.year)
        }
    }
}
