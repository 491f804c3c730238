import Glibc

/// Where Go's mathematics differ from C's.
enum GoMath {
    /// NaN when either is NaN.
    static func max(_ a: Double, _ b: Double) -> Double {
        a.isNaN || b.isNaN ? .nan : Swift.max(a, b)
    }

    /// NaN when either is NaN.
    static func min(_ a: Double, _ b: Double) -> Double {
        a.isNaN || b.isNaN ? .nan : Swift.min(a, b)
    }

    /// A number as an integer the way Go's conversion does it for numbers in range; others are clamped.
    static func clampedInteger(_ value: Double) -> Int {
        if value.isNaN { return 0 }
        if value >= 9e18 { return Int.max }
        if value <= -9e18 { return Int.min }
        return Int(value)
    }
}
