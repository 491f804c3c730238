/// Names of metrics and labels after translation (OpenTelemetry's Prometheus compatibility specification, as Prometheus
/// applies it to OTLP).
package enum OTLPNaming {
    /// What decides about a type suffix.
    package enum Kind: Sendable, Hashable {
        case monotonicSum, gauge, other
    }

    /// The metric's name for Prometheus.
    package static func metric(
        _ name: String, unit: String, kind: Kind, strategy: OTLP.TranslationStrategy
    ) -> String {
        switch strategy {
        case .noTranslation: name
        case .underscoreEscapingWithoutSuffixes:
            leadingDigitGuarded(fields(name, keepUnderscore: true).joined(separator: "_"))
        case .underscoreEscapingWithSuffixes: escapedWithSuffixes(name, unit, kind)
        case .noUTF8EscapingWithSuffixes: withSuffixes(name, unit, kind)
        }
    }

    /// The label's name for Prometheus: invalid characters become underscores; `key_` goes before a digit and `key` before a
    /// single underscore.
    package static func label(_ name: String, strategy: OTLP.TranslationStrategy) -> String {
        guard strategy.escapes, let first = name.utf8.first else { return name }
        var out = String.UnicodeScalarView()
        for scalar in name.unicodeScalars { out.append(isASCIILetterOrDigit(scalar) || scalar == "_" ? scalar : "_") }
        let label = String(out)
        if (0x30...0x39).contains(first) { return "key_" + label }
        if label.hasPrefix("_"), !label.hasPrefix("__") { return "key" + label }
        return label
    }

    /// The unit in Prometheus' words: `s` is `seconds`, `By/s` is `bytes_per_second`; empty for `1` and annotations.
    package static func unit(_ unit: String) -> String {
        let (main, per) = unitWords(unit)
        if per.isEmpty { return main }
        return main.isEmpty ? "per_" + per : main + "_per_" + per
    }

    // MARK: Metric names

    private static func escapedWithSuffixes(_ name: String, _ unit: String, _ kind: Kind) -> String {
        var tokens = fields(name, keepUnderscore: false)
        let (main, per) = unitWords(unit)
        if !main.isEmpty, !tokens.contains(main) { tokens.append(main) }
        if !per.isEmpty, !tokens.contains(per) { tokens += ["per", per] }
        if kind == .monotonicSum { tokens = tokens.filter { $0 != "total" } + ["total"] }
        if kind == .gauge, unit == "1" { tokens = tokens.filter { $0 != "ratio" } + ["ratio"] }
        return leadingDigitGuarded(tokens.joined(separator: "_"))
    }

    private static func withSuffixes(_ name: String, _ unit: String, _ kind: Kind) -> String {
        var out = name
        let typeSuffix = kind == .monotonicSum ? "total" : kind == .gauge && unit == "1" ? "ratio" : ""
        if !typeSuffix.isEmpty, out.hasSuffix("_" + typeSuffix) || out.hasSuffix("." + typeSuffix) {
            out.removeLast(typeSuffix.count + 1)
        }
        let words = self.unit(unit)
        if !words.isEmpty, !out.hasSuffix("_" + words), !out.hasSuffix("." + words) { out += "_" + words }
        if !typeSuffix.isEmpty { out += "_" + typeSuffix }
        return out
    }

    /// The runs of characters that names may have; letters and digits of ASCII, colons and perhaps underscores.
    private static func fields(_ name: String, keepUnderscore: Bool) -> [String] {
        name.unicodeScalars.split { scalar in
            !(isASCIILetterOrDigit(scalar) || scalar == ":" || keepUnderscore && scalar == "_")
        }.map { String($0) }
    }

    private static func leadingDigitGuarded(_ name: String) -> String {
        guard let first = name.utf8.first, (0x30...0x39).contains(first) else { return name }
        return "_" + name
    }

    private static func isASCIILetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
    }

    // MARK: Units

    private static func unitWords(_ unit: String) -> (main: String, per: String) {
        let parts = unit.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return (
            word(parts.first ?? "", mainUnits), parts.count == 2 ? word(parts[1], perUnits) : ""
        )
    }

    private static func word(_ part: String, _ names: [String: String]) -> String {
        let scalars = part.unicodeScalars.drop { $0 == " " }
        let trimmed = String(String(scalars).reversed().drop { $0 == " " }.reversed())
        guard !trimmed.isEmpty, !trimmed.contains(where: { $0 == "{" || $0 == "}" }) else { return "" }
        return fields(names[trimmed] ?? trimmed, keepUnderscore: false).joined(separator: "_")
    }

    private static let mainUnits = [
        "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "ms": "milliseconds", "us": "microseconds",
        "ns": "nanoseconds", "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes",
        "TiBy": "tibibytes", "KBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes", "TBy": "terabytes",
        "m": "meters", "V": "volts", "A": "amperes", "J": "joules", "W": "watts", "g": "grams", "Cel": "celsius",
        "Hz": "hertz", "1": "", "%": "percent",
    ]

    private static let perUnits = [
        "s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year",
    ]
}
