/// Sizes in queries and in label values: `20MB`, `1.5 KiB`.
enum QueryBytes {
    private static let units: [(name: String, factor: Double)] = [
        ("b", 1), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12), ("pb", 1e15), ("eb", 1e18), ("kib", 1024),
        ("mib", 1_048_576), ("gib", 1_073_741_824), ("tib", 1_099_511_627_776), ("pib", 1_125_899_906_842_624),
    ]
    /// The spellings that a query may use; values may use any case.
    private static let queryNames: Set<String> = [
        "B", "kB", "KB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB", "TiB", "PiB",
    ]

    /// Bytes written in a query, or nil.
    static func parse(_ text: String) -> Double? {
        let number = text.prefix { $0.isASCII && ($0.isWholeNumber || $0 == ".") }
        let unit = String(text[number.endIndex...])
        guard let value = Double(number), queryNames.contains(unit) else { return nil }
        return units.first { $0.name == unit.lowercased() }.map { value * $0.factor }
    }

    /// Bytes written in a label value: any case, a bare number, commas between digits, a space before the unit.
    static func parse(value text: String) -> Double? {
        let number = text.prefix { $0.isASCII && ($0.isWholeNumber || $0 == "." || $0 == ",") }
        let unit = text[number.endIndex...].drop { $0 == " " }.lowercased()
        guard let value = Double(String(number.filter { $0 != "," })) else { return nil }
        if unit.isEmpty { return value }
        return units.first { $0.name == unit || $0.name == unit + "b" }.map { value * $0.factor }
    }
}
