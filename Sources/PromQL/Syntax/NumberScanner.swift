/// Finds the end of a number or a duration, as Prometheus does. What passes need not be a valid number.
struct NumberScanner {
    private let bytes: [UInt8]
    /// Behind what was read, also where that is no number.
    private(set) var index: Int

    init(_ bytes: [UInt8], at index: Int) {
        self.bytes = bytes
        self.index = index
    }

    /// The kind of what stands here, or nil.
    mutating func scan() -> Token.Kind? {
        if number() { return .number }
        return duration() ? .duration : nil
    }

    private mutating func number() -> Bool {
        var digits = "0123456789"
        if accept("0"), accept("xX") {
            _ = accept("_")
            digits = "0123456789abcdefABCDEF"
        }
        let isHex = digits.utf8.count > 10
        _ = accept(".")
        _ = accept(digits)
        var (sawPoint, sawExponent) = (false, false)
        while isNext(digits) || isNext("._eE") {
            if sawPoint, accept(".") { return false }
            if sawExponent, accept("eE") { return false }
            if accept(".") {
                sawPoint = true
                // No fractions in hexadecimal.
                if accept("_.") || isHex { return false }
            } else if !isHex, accept("eE") {
                sawExponent = true
                _ = accept("+-")
                if accept("._eE") || index == bytes.count { return false }
            } else if accept("_") {
                if accept("._eE") || index == bytes.count { return false }
            } else {
                while accept(digits) {}
            }
        }
        return index == bytes.count || !Lexer.isWordByte(bytes[index])
    }

    /// What follows the first digits of a duration.
    private mutating func duration() -> Bool {
        guard accept("smhdwy") else { return false }
        _ = accept("s")
        while accept("0123456789") {
            while accept("0123456789") {}
            guard accept("smhdw") else { return false }
            _ = accept("s")
        }
        guard index < bytes.count, Lexer.isWordByte(bytes[index]) else { return true }
        index += 1
        return false
    }

    private func isNext(_ set: String) -> Bool {
        index < bytes.count && set.utf8.contains(bytes[index])
    }

    private mutating func accept(_ set: String) -> Bool {
        guard isNext(set) else { return false }
        index += 1
        return true
    }
}
