import MartletCore

/// Values as Go's `fmt.Print` shows them (`%v`).
enum GoText {
    static func append(_ value: TemplateValue, to out: inout [UInt8]) {
        switch value {
        case .none: out += "<nil>".utf8
        case .bool(let value): out += (value ? "true" : "false").utf8
        case .int(let value): FloatText.appendInteger(value, to: &out)
        case .float(let value): FloatText.appendGeneral(value, to: &out)
        case .string(let text): out += text.utf8
        case .object(let object): out += object.text.utf8
        case .list(let list):
            out.append(UInt8(ascii: "["))
            for (index, element) in list.elements.enumerated() {
                if index > 0 { out.append(UInt8(ascii: " ")) }
                append(element, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .map(let map):
            out += "map[".utf8
            for (index, key) in map.keys.enumerated() {
                if index > 0 { out.append(UInt8(ascii: " ")) }
                out += key.utf8
                out.append(UInt8(ascii: ":"))
                append(map.entries[key] ?? .none, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        }
    }

    /// `fmt.Sprint`: blanks between operands neither of which is a string.
    static func joined(_ values: [TemplateValue]) -> String {
        var out: [UInt8] = []
        var previousIsString = true
        for (index, value) in values.enumerated() {
            var isString = false
            if case .string = value { isString = true }
            if index > 0, !isString, !previousIsString { out.append(UInt8(ascii: " ")) }
            append(value, to: &out)
            previousIsString = isString
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// `fmt.Sprintln`: blanks between all operands and a newline after them.
    static func line(_ values: [TemplateValue]) -> String {
        var out: [UInt8] = []
        for (index, value) in values.enumerated() {
            if index > 0 { out.append(UInt8(ascii: " ")) }
            append(value, to: &out)
        }
        out.append(10)
        return String(decoding: out, as: UTF8.self)
    }
}
