/// Sizes as people write them: `20MB`, `1.5 KiB`, `2,048`; any case, a bare number is bytes.
package enum ByteCountText {
    /// Bytes for a unit, in lower case and without its `b`.
    private static let factors: [(unit: String, factor: Double)] = [
        ("", 1), ("k", 1e3), ("m", 1e6), ("g", 1e9), ("t", 1e12), ("p", 1e15), ("e", 1e18), ("ki", 1024),
        ("mi", 1_048_576), ("gi", 1_073_741_824), ("ti", 1_099_511_627_776), ("pi", 1_125_899_906_842_624),
        ("ei", 1_152_921_504_606_846_976),
    ]

    /// Whole bytes, as the Go library humanize reads them.
    package static func parse(_ text: String) throws(ByteCountError) -> Double {
        let number = text.prefix { $0.isWholeNumber || $0 == "." || $0 == "," }
        let digits = String(number.filter { $0 != "," })
        guard let value = Double(digits) else {
            throw ByteCountError("strconv.ParseFloat: parsing \(GoQuote.quote(digits)): invalid syntax")
        }
        var rest = text[number.endIndex...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        let name = rest.lowercased()
        guard let factor = factors.first(where: { $0.unit == name || $0.unit + "b" == name })?.factor else {
            throw ByteCountError("unhandled size name: \(name)")
        }
        let bytes = value * factor
        guard bytes < 0x1p64 else { throw ByteCountError("too large: \(text)") }
        return bytes.rounded(.towardZero)
    }

    /// Whole bytes in the largest unit of a thousand that fits, as humanize writes them, without a blank: `20MB`, `1.5kB`.
    package static func format(_ bytes: Double) -> String {
        guard bytes >= 10 else { return "\(Int64(bytes))B" }
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        var exponent = 0
        var scale = 1.0
        while exponent + 1 < units.count, bytes / scale >= 1000 {
            exponent += 1
            scale *= 1000
        }
        let value = (bytes / scale * 10 + 0.5).rounded(.down) / 10
        return Printf.text(value < 10 ? "%.1f" : "%.0f", value) + units[exponent]
    }
}

/// Why a text is no size; the description is the Go library's.
package struct ByteCountError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
