import MartletCore

/// Reads a selector piece by piece.
struct LineSelectorScanner {
    enum FilterKind { case contains, regex }

    private let text: String
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    mutating func matchers() throws(LineSelectorError) -> [Matcher] {
        skipBlanks()
        guard take("{") else { throw error("it must begin with {") }
        var matchers: [Matcher] = []
        skipBlanks()
        while !take("}") {
            let start = at
            while at < bytes.count, LabelName.isLegacyLabelName(bytes[start...at]) { at += 1 }
            guard at > start else { throw error("a label name is expected at offset \(at)") }
            let name = String(decoding: bytes[start..<at], as: UTF8.self)
            skipBlanks()
            let kind: Matcher.Kind
            if take("=~") {
                kind = .regex
            } else if take("!~") {
                kind = .notRegex
            } else if take("!=") {
                kind = .notEqual
            } else if take("=") {
                kind = .equal
            } else {
                throw error("an operator is expected at offset \(at)")
            }
            let value = try quoted()
            do {
                matchers.append(try Matcher(kind, name, value))
            } catch let failure {
                throw error("\(failure)")
            }
            skipBlanks()
            if take(",") {
                skipBlanks()
            } else if at < bytes.count, bytes[at] != 0x7D {
                throw error("a comma is expected at offset \(at)")
            }
            if at == bytes.count { throw error("the } is missing") }
        }
        return matchers
    }

    /// The next line filter, nil at the end.
    mutating func filter() throws(LineSelectorError) -> (kind: FilterKind, text: String, wanted: Bool)? {
        skipBlanks()
        if at == bytes.count { return nil }
        if take("|=") { return (.contains, try quoted(), true) }
        if take("!=") { return (.contains, try quoted(), false) }
        if take("|~") { return (.regex, try quoted(), true) }
        if take("!~") { return (.regex, try quoted(), false) }
        throw error("only the line filters |= != |~ !~ may follow the labels, at offset \(at)")
    }

    private mutating func skipBlanks() {
        while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
    }

    private mutating func take(_ token: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: token.utf8Start, count: token.utf8CodeUnitCount)
        guard bytes[at...].starts(with: wanted) else { return false }
        at += wanted.count
        return true
    }

    /// A string in double quotes with Go's usual escapes, or in backquotes as it is.
    private mutating func quoted() throws(LineSelectorError) -> String {
        skipBlanks()
        var out: [UInt8] = []
        if take("`") {
            guard let end = bytes[at...].firstIndex(of: 0x60) else { throw error("a ` is not closed") }
            out = Array(bytes[at..<end])
            at = end + 1
        } else if take("\"") {
            while true {
                guard at < bytes.count else { throw error("a \" is not closed") }
                let byte = bytes[at]
                at += 1
                if byte == 0x22 { break }
                guard byte == 0x5C else {
                    out.append(byte)
                    continue
                }
                guard at < bytes.count else { throw error("a \" is not closed") }
                switch bytes[at] {
                case 0x6E: out.append(0x0A)
                case 0x74: out.append(0x09)
                case 0x72: out.append(0x0D)
                case 0x22, 0x5C: out.append(bytes[at])
                default: throw error("unknown escape at offset \(at)")
                }
                at += 1
            }
        } else {
            throw error("a quoted string is expected at offset \(at)")
        }
        return String(decoding: out, as: UTF8.self)
    }

    private func error(_ reason: String) -> LineSelectorError { LineSelectorError(selector: text, reason: reason) }
}
