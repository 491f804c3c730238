/// Quantiles of plain values.
package enum Quantile {
    /// The φ-quantile by linear interpolation between the closest ranks; NaN sorts below everything. `values` is
    /// sorted in place. NaN for no values or a φ of NaN, infinities for a φ outside 0…1.
    package static func of(_ values: inout [Double], phi: Double) -> Double {
        if values.isEmpty || phi.isNaN { return Double(bitPattern: StaleNaN.ordinaryBits) }
        if phi < 0 { return -.infinity }
        if phi > 1 { return .infinity }
        values.sort { a, b in a.isNaN ? !b.isNaN : a < b }
        let rank = phi * Double(values.count - 1)
        let lower = max(0, Int(rank.rounded(.down)))
        let upper = min(values.count - 1, lower + 1)
        let weight = rank - rank.rounded(.down)
        return values[lower] * (1 - weight) + values[upper] * weight
    }
}
