import MartletCore

/// Go's `fmt.Sprintf` with its verbs, flags, widths, argument indexes, and its notes about what does not fit.
struct GoFormat {
    /// Widths and precisions beyond this are refused, as Go does.
    private static let largestWidth = 1_000_000
    /// Bytes of a result: a longer one is not finished, and refused.
    static let limit = 1 << 20

    private let format: [UInt8]
    private let arguments: [TemplateValue]
    private var index = 0
    private var argument = 0
    private var reordered = false
    private var badIndex = false
    private var out: [UInt8] = []

    /// The text of a format and its arguments.
    static func text(_ format: String, _ arguments: [TemplateValue]) throws(TemplateFunctionError) -> String {
        var state = GoFormat(format, arguments)
        try state.run()
        return String(decoding: state.out, as: UTF8.self)
    }

    private init(_ format: String, _ arguments: [TemplateValue]) {
        self.format = Array(format.utf8)
        self.arguments = arguments
    }

    private mutating func run() throws(TemplateFunctionError) {
        while index < format.count {
            guard out.count <= Self.limit else {
                throw TemplateFunctionError("the result is longer than \(Self.limit) bytes")
            }
            if format[index] != UInt8(ascii: "%") {
                out.append(format[index])
                index += 1
                continue
            }
            index += 1
            directive()
        }
        guard !reordered, argument < arguments.count else { return }
        out += "%!(EXTRA ".utf8
        for (position, value) in arguments[argument...].enumerated() {
            if position > 0 { out += ", ".utf8 }
            guard case .none = value else {
                out += "\(value.typeName)=".utf8
                GoText.append(value, to: &out)
                continue
            }
            out += "<nil>".utf8
        }
        out.append(UInt8(ascii: ")"))
    }

    private mutating func directive() {
        var flags = GoFlags()
        while index < format.count, flags.take(format[index]) { index += 1 }
        badIndex = false
        var hasIndex = takeIndex()
        if take("*") {
            hasIndex = false
            if let width = takeWidth() {
                flags.width = Int(width.magnitude)
                if width < 0 {
                    flags.minus = true
                    flags.zero = false
                }
            } else {
                out += "%!(BADWIDTH)".utf8
            }
        } else if let width = number() {
            if hasIndex { badIndex = true }
            flags.width = width
        }
        if index + 1 <= format.count, take(".") {
            if hasIndex { badIndex = true }
            hasIndex = takeIndex()
            if take("*") {
                hasIndex = false
                let precision = takeWidth()
                if let precision, precision >= 0 {
                    flags.precision = Int(precision)
                } else if precision == nil {
                    out += "%!(BADPREC)".utf8
                }
            } else {
                flags.precision = number() ?? 0
            }
        }
        if !hasIndex { _ = takeIndex() }
        guard index < format.count else {
            out += "%!(NOVERB)".utf8
            return
        }
        let (verb, length) = format.withUnsafeBytes { GoQuote.scalar(in: $0, at: index) } ?? ("\u{FFFD}", 1)
        index += length
        if verb == "%" {
            out.append(UInt8(ascii: "%"))
        } else if badIndex {
            out += "%!\(verb)(BADINDEX)".utf8
        } else if argument >= arguments.count {
            out += "%!\(verb)(MISSING)".utf8
        } else {
            GoVerb(verb, flags).append(arguments[argument], to: &out)
            argument += 1
        }
    }

    /// `[n]`; true when there was one.
    private mutating func takeIndex() -> Bool {
        guard index < format.count, format[index] == UInt8(ascii: "[") else { return false }
        reordered = true
        guard let close = format[index...].firstIndex(of: UInt8(ascii: "]")) else {
            badIndex = true
            index += 1
            return false
        }
        let digits = format[(index + 1)..<close]
        index = close + 1
        guard let position = Int(String(decoding: digits, as: UTF8.self)), position >= 1, position <= arguments.count
        else {
            badIndex = true
            return false
        }
        argument = position - 1
        return true
    }

    /// The argument that a star stands for.
    private mutating func takeWidth() -> Int64? {
        guard argument < arguments.count else { return nil }
        let value = arguments[argument]
        argument += 1
        guard case .int(let width) = value, width.magnitude <= Self.largestWidth else { return nil }
        return width
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard index < format.count, format[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func number() -> Int? {
        let start = index
        var value = 0
        while index < format.count, format[index] >= UInt8(ascii: "0"), format[index] <= UInt8(ascii: "9") {
            value = value * 10 + Int(format[index] - UInt8(ascii: "0"))
            index += 1
            if value > Self.largestWidth { return nil }
        }
        return index > start ? value : nil
    }
}

/// The flags of a printing verb.
struct GoFlags {
    var minus = false
    var plus = false
    var sharp = false
    var space = false
    var zero = false
    var width: Int?
    var precision: Int?

    /// Takes a flag; false when the byte is none.
    mutating func take(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"):
            minus = true
            zero = false
        case UInt8(ascii: "+"): plus = true
        case UInt8(ascii: "#"): sharp = true
        case UInt8(ascii: " "): space = true
        case UInt8(ascii: "0"): zero = !minus
        default: return false
        }
        return true
    }
}
