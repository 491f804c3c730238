/// Sizes as flags and configuration files write them: `512MB`, `2GiB`, `1048576`, `64k`.
///
/// Units follow Prometheus' `units.Base2Bytes`: every prefix is a power of 1024, whether written `MB`, `MiB` or `M`.
package enum ByteSize {
    /// Bytes, or nil when the text is not a size.
    package static func parse(_ text: some StringProtocol) -> Int? {
        var digits = Substring(text)
        var unit = ""
        while let last = digits.last, !last.isNumber {
            unit = String(last) + unit
            digits.removeLast()
        }
        let scale: Double
        switch unit.lowercased() {
        case "", "b": scale = 1
        case "k", "kb", "kib": scale = 1024
        case "m", "mb", "mib": scale = 1_048_576
        case "g", "gb", "gib": scale = 1_073_741_824
        case "t", "tb", "tib": scale = 1_099_511_627_776
        case "p", "pb", "pib": scale = 1_125_899_906_842_624
        case "e", "eb", "eib": scale = 1_152_921_504_606_846_976
        default: return nil
        }
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let number = Double(digits) else {
            return nil
        }
        let bytes = number * scale
        guard bytes.isFinite, bytes >= 0, bytes < 9.2e18 else { return nil }
        return Int(bytes)
    }

    /// `512MiB`, `1.2GiB`: the largest unit that is not larger than the size, with one decimal where it does not divide evenly.
    package static func format(_ bytes: Int) -> String {
        let units: [(String, Int)] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        for (name, size) in units where bytes >= size {
            let tenths = Int((Double(bytes) / Double(size) * 10).rounded())
            return tenths % 10 == 0 ? "\(tenths / 10)\(name)" : "\(tenths / 10).\(tenths % 10)\(name)"
        }
        return "\(bytes)B"
    }
}
