import MartletCore

/// One printing verb of Go's fmt, with its flags.
struct GoVerb {
    private let verb: Unicode.Scalar
    private let flags: GoFlags

    init(_ verb: Unicode.Scalar, _ flags: GoFlags) {
        self.verb = verb
        self.flags = flags
    }

    func append(_ value: TemplateValue, to out: inout [UInt8]) {
        switch verb {
        case "T": return pad(value.typeName, to: &out)
        case "v" where flags.sharp: return pad(GoSyntax.text(value), to: &out)
        default: break
        }
        switch value {
        case .none:
            if verb == "v" { pad("<nil>", to: &out) } else { out += "%!\(verb)(<nil>)".utf8 }
        case .bool(let bool):
            guard verb == "t" || verb == "v" else { return mismatch(value, to: &out) }
            pad(bool ? "true" : "false", to: &out)
        case .int(let int): integer(int, value, to: &out)
        case .float(let float): self.float(float, value, to: &out)
        case .string(let text): string(text, value, to: &out)
        case .object(let object): string(object.text, value, to: &out)
        case .list(let list):
            out.append(UInt8(ascii: "["))
            // Each element has the width: whoever asked for the text refuses it when it is too long.
            for (index, element) in list.elements.enumerated() where out.count <= GoFormat.limit {
                if index > 0 { out.append(UInt8(ascii: " ")) }
                append(element, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .map(let map):
            out += "map[".utf8
            for (index, key) in map.keys.enumerated() where out.count <= GoFormat.limit {
                if index > 0 { out.append(UInt8(ascii: " ")) }
                append(.string(key), to: &out)
                out.append(UInt8(ascii: ":"))
                append(map.entries[key] ?? .none, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        }
    }

    /// `%!d(string=hi)`
    private func mismatch(_ value: TemplateValue, to out: inout [UInt8]) {
        out += "%!\(verb)(\(value.typeName)=".utf8
        GoText.append(value, to: &out)
        out.append(UInt8(ascii: ")"))
    }

    // MARK: Strings

    private func string(_ text: String, _ value: TemplateValue, to out: inout [UInt8]) {
        var shown = text
        if let precision = flags.precision, verb != "x", verb != "X" {
            shown = String(String.UnicodeScalarView(text.unicodeScalars.prefix(precision)))
        }
        switch verb {
        case "v", "s": pad(shown, to: &out)
        case "q":
            let canBeRaw = !shown.unicodeScalars.contains {
                $0 == "`" || $0.value < 0x20 && $0 != "\t" || $0 == "\u{7F}"
            }
            let quoted = GoQuote.quote(shown)
            pad(flags.sharp && canBeRaw ? "`\(shown)`" : flags.plus ? Self.ascii(quoted) : quoted, to: &out)
        case "x", "X": pad(hexadecimal(text), to: &out)
        default: mismatch(value, to: &out)
        }
    }

    private func hexadecimal(_ text: String) -> String {
        let bytes = flags.precision.map { Array(text.utf8.prefix($0)) } ?? Array(text.utf8)
        let prefix = flags.sharp ? (verb == "x" ? "0x" : "0X") : ""
        let digits = bytes.map { byte in
            let digits = String(byte, radix: 16, uppercase: verb == "X")
            return (byte < 16 ? "0" : "") + digits
        }
        if flags.space { return digits.map { prefix + $0 }.joined(separator: " ") }
        return (bytes.isEmpty ? "" : prefix) + digits.joined()
    }

    // MARK: Numbers

    private func integer(_ int: Int64, _ value: TemplateValue, to out: inout [UInt8]) {
        switch verb {
        case "v", "d": number(int, radix: 10, prefix: "", to: &out)
        case "b": number(int, radix: 2, prefix: flags.sharp ? "0b" : "", to: &out)
        case "o": number(int, radix: 8, prefix: flags.sharp ? "0" : "", to: &out)
        case "O": number(int, radix: 8, prefix: "0o", to: &out)
        case "x": number(int, radix: 16, prefix: flags.sharp ? "0x" : "", to: &out)
        case "X": number(int, radix: 16, prefix: flags.sharp ? "0X" : "", to: &out)
        case "c": pad(String(Self.scalar(int)), to: &out)
        case "q": pad(Self.quoted(Self.scalar(int)), to: &out)
        case "U":
            let digits = String(int.magnitude, radix: 16, uppercase: true)
            let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
            pad(flags.sharp ? "\(code) '\(Self.scalar(int))'" : code, to: &out)
        default: mismatch(value, to: &out)
        }
    }

    private func number(_ int: Int64, radix: Int, prefix: String, to out: inout [UInt8]) {
        var digits = String(int.magnitude, radix: radix, uppercase: verb == "X")
        let sign = int < 0 ? "-" : flags.plus ? "+" : flags.space ? " " : ""
        if let precision = flags.precision {
            if precision == 0, int == 0 { return pad("", to: &out) }
            digits = String(repeating: "0", count: max(0, precision - digits.utf8.count)) + digits
        } else if flags.zero, let width = flags.width {
            digits = String(repeating: "0", count: max(0, width - digits.utf8.count - sign.utf8.count)) + digits
        }
        pad(sign + prefix + digits, to: &out, withZeros: false)
    }

    private func float(_ float: Double, _ value: TemplateValue, to out: inout [UInt8]) {
        var text: String
        switch (verb, flags.precision) {
        case ("v", nil), ("g", nil): text = FloatText.general(float)
        case ("G", nil): text = FloatText.general(float).uppercased()
        case ("v", let precision?), ("g", let precision?): text = Printf.text("%.\(precision)g", float)
        case ("G", let precision?): text = Printf.text("%.\(precision)G", float)
        case ("e", let precision): text = Printf.text("%.\(precision ?? 6)e", float)
        case ("E", let precision): text = Printf.text("%.\(precision ?? 6)E", float)
        case ("f", let precision), ("F", let precision): text = Printf.text("%.\(precision ?? 6)f", float)
        case ("x", let precision): text = Self.hexadecimal(float, precision)
        case ("X", let precision): text = Self.hexadecimal(float, precision).uppercased()
        default: return mismatch(value, to: &out)
        }
        let hasSign = text.hasPrefix("-") || text.hasPrefix("+")
        if !hasSign, flags.plus { text = "+" + text }
        if !hasSign, flags.space, !flags.plus { text = " " + text }
        guard flags.zero, let width = flags.width, float.isFinite else { return pad(text, to: &out, withZeros: false) }
        let sign = text.hasPrefix("-") || text.hasPrefix("+") || text.hasPrefix(" ") ? String(text.prefix(1)) : ""
        let digits = text.dropFirst(sign.count)
        let zeros = String(repeating: "0", count: max(0, width - text.utf8.count))
        out += (sign + zeros + digits).utf8
    }

    /// C's `%a` with Go's two digits of an exponent at least.
    private static func hexadecimal(_ float: Double, _ precision: Int?) -> String {
        let text = Printf.text(precision.map { "%.\($0)a" } ?? "%a", float)
        guard let mark = text.lastIndex(of: "p"), text.distance(from: mark, to: text.endIndex) == 3 else { return text }
        return text.dropLast() + "0" + text.suffix(1)
    }

    /// A quoted text with what is not ASCII as escapes.
    private static func ascii(_ quoted: String) -> String {
        var result = ""
        for scalar in quoted.unicodeScalars {
            guard scalar.value >= 0x80 else {
                result.unicodeScalars.append(scalar)
                continue
            }
            let digits = String(scalar.value, radix: 16)
            let width = scalar.value < 0x10000 ? 4 : 8
            result += (width == 4 ? "\\u" : "\\U") + String(repeating: "0", count: width - digits.utf8.count) + digits
        }
        return result
    }

    private static func scalar(_ int: Int64) -> Unicode.Scalar {
        UInt32(exactly: int).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
    }

    private static func quoted(_ scalar: Unicode.Scalar) -> String {
        if scalar == "'" { return "'\\''" }
        if scalar == "\"" { return "'\"'" }
        return "'" + GoQuote.quote(String(scalar)).dropFirst().dropLast() + "'"
    }

    // MARK: Width

    /// Widths count characters.
    private func pad(_ text: String, to out: inout [UInt8], withZeros: Bool = true) {
        let missing = max(0, (flags.width ?? 0) - (flags.width == nil ? 0 : text.unicodeScalars.count))
        let filler = repeatElement(UInt8(ascii: flags.zero && withZeros ? "0" : " "), count: missing)
        if !flags.minus { out += filler }
        out += text.utf8
        if flags.minus { out += repeatElement(UInt8(ascii: " "), count: missing) }
    }
}
