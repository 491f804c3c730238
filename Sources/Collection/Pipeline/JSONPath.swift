/// The part of JMESPath that log pipelines use: names joined by dots, quoted names, and indexes: `a.b`, `"@time"`, `a[0].b`.
package struct JSONPath: Sendable, Hashable {
    /// One step down.
    package enum Step: Sendable, Hashable {
        case key(String)
        case index(Int)
    }

    /// From the document's root.
    package let steps: [Step]

    /// An expression beyond the supported part is an error that quotes it.
    package init(_ expression: String) throws(JSONPathError) {
        let bytes = Array(expression.utf8)
        var steps: [Step] = []
        var at = 0
        while at < bytes.count {
            switch bytes[at] {
            case 0x22:
                var name: [UInt8] = []
                at += 1
                while at < bytes.count, bytes[at] != 0x22 {
                    if bytes[at] == 0x5C, at + 1 < bytes.count { at += 1 }
                    name.append(bytes[at])
                    at += 1
                }
                guard at < bytes.count else { throw JSONPathError(expression: expression) }
                at += 1
                steps.append(.key(String(decoding: name, as: UTF8.self)))
            case 0x5B where !steps.isEmpty || at == 0:
                guard let end = bytes[at...].firstIndex(of: 0x5D),
                    let index = Int(String(decoding: bytes[(at + 1)..<end], as: UTF8.self))
                else { throw JSONPathError(expression: expression) }
                steps.append(.index(index))
                at = end + 1
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x40, 0x2D, 0x80...0xFF:
                let start = at
                while at < bytes.count, ![0x2E, 0x5B].contains(bytes[at]) {
                    // Functions, filters, pipes and projections are beyond this part of the language.
                    if bytes[at] <= 0x20 || [0x28, 0x29, 0x2A, 0x7C, 0x7B, 0x7D, 0x22, 0x5D].contains(bytes[at]) {
                        throw JSONPathError(expression: expression)
                    }
                    at += 1
                }
                steps.append(.key(String(decoding: bytes[start..<at], as: UTF8.self)))
            default: throw JSONPathError(expression: expression)
            }
            if at < bytes.count, bytes[at] == 0x2E {
                at += 1
                if at == bytes.count || bytes[at] == 0x5B { throw JSONPathError(expression: expression) }
            } else if at < bytes.count, bytes[at] != 0x5B {
                throw JSONPathError(expression: expression)
            }
        }
        if steps.isEmpty { throw JSONPathError(expression: expression) }
        self.steps = steps
    }
}
