/// How names that are no legacy names are written where only those may stand: the schemes of Prometheus' exposition formats
/// and paths.
package enum NameEscaping: String, Sendable, Hashable, CaseIterable {
    /// As they are.
    case none = "allow-utf-8"
    /// `_` for every other character.
    case underscores
    /// `__` for `_` and every other character, `_dot_` for a dot.
    case dots
    /// `U__`, then `__` for `_` and `_2f_` for the code point of every other character.
    case values

    /// The name in this scheme; a legacy metric name stays as it is.
    package func escape(_ name: String) -> String {
        guard self != .none, !name.isEmpty, !LabelName.isLegacyMetricName(name.utf8) else { return name }
        var result = self == .values ? "U__" : ""
        for (index, scalar) in name.unicodeScalars.enumerated() {
            switch scalar {
            case "_": result += self == .underscores ? "_" : "__"
            case "a"..."z", "A"..."Z", ":": result.unicodeScalars.append(scalar)
            case "0"..."9" where index > 0: result.unicodeScalars.append(scalar)
            default:
                switch self {
                case .none, .underscores: result += "_"
                case .dots: result += scalar == "." ? "_dot_" : "__"
                case .values: result += "_" + String(scalar.value, radix: 16) + "_"
                }
            }
        }
        return result
    }

    /// Undoes the scheme `values`; what is not written in it stays as it is.
    package static func unescapeValues(_ name: String) -> String {
        guard name.hasPrefix("U__") else { return name }
        var result = String.UnicodeScalarView()
        var rest = name.unicodeScalars.dropFirst(3)
        while let first = rest.popFirst() {
            guard first == "_" else {
                result.append(first)
                continue
            }
            if rest.first == "_" {
                rest.removeFirst()
                result.append("_")
                continue
            }
            // Prometheus reads five digits at most.
            guard let end = rest.prefix(6).firstIndex(of: "_"), let scalar = codePoint(rest[..<end]) else {
                return name
            }
            result.append(scalar)
            rest = rest[rest.index(after: end)...]
        }
        return String(result)
    }

    private static func codePoint(_ digits: Substring.UnicodeScalarView) -> Unicode.Scalar? {
        guard digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
        return UInt32(String(digits), radix: 16).flatMap(Unicode.Scalar.init)
    }
}
