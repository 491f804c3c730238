import MartletCore

/// Unix days as people write them.
enum MoveDay {
    /// `2026-11-03`.
    static func text(_ day: Int64) -> String {
        String(RFC3339.format(unixNanoseconds: day * 86_400_000_000_000).prefix(10))
    }
}
