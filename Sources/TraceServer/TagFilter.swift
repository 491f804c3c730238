import HTTPTypes
import MartletCore
package import Service

/// The `tags` parameter of a search: logfmt pairs, all of which have to hold, values as case-insensitive parts of the text.
package enum TagFilter {
    /// The TraceQL query that means the same; every trace when there are no tags.
    package static func query(_ tags: String) throws(HTTPFailure) -> String {
        query(try pairs(tags))
    }

    /// The same of pairs that are told apart already.
    package static func query(_ pairs: [(key: String, value: String)]) -> String {
        let conditions = pairs.map { condition($0.key, $0.value) }
        return conditions.isEmpty ? "{ }" : "{ " + conditions.joined(separator: " && ") + " }"
    }

    private static func condition(_ key: String, _ value: String) -> String {
        switch key {
        case "status", "status.code":
            if ["error", "ok", "unset"].contains(value) { return "status = \(value)" }
        case "error" where value == "true": return "status = error"
        default: break
        }
        let intrinsics = [
            "name": "name", "root.name": "rootName", "root.service.name": "rootServiceName",
            "status.message": "statusMessage",
        ]
        let operand = intrinsics[key] ?? ".\(quoted(key))"
        let match = "\(operand) =~ \(quoted("(?is).*" + escaped(value) + ".*"))"
        if intrinsics[key] != nil { return match }
        return orTyped(match, operand, value)
    }

    /// `match`, or the operand is the number or truth value as which the text can be read: those are not text, and have to
    /// be equal.
    static func orTyped(_ match: String, _ operand: String, _ value: String) -> String {
        if let number = Int64(value) { return "(\(match) || \(operand) = \(number))" }
        if let number = Double(value), number.isFinite { return "(\(match) || \(operand) = \(number))" }
        if value == "true" || value == "false" { return "(\(match) || \(operand) = \(value))" }
        return match
    }

    /// A text as it stands in TraceQL, between quotes.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                result += "\\"
                result.unicodeScalars.append(scalar)
            } else if scalar == "\n" {
                result += "\\n"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    /// logfmt: `key=value key="value with \"quotes\""`.
    package static func pairs(_ text: String) throws(HTTPFailure) -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        var rest = Substring(text)
        while true {
            rest = rest.drop { $0 == " " }
            if rest.isEmpty { return pairs }
            let key = rest.prefix { $0 != "=" && $0 != " " }
            rest = rest.dropFirst(key.count)
            guard !key.isEmpty, rest.first == "=" else {
                throw HTTPFailure(.badRequest, "invalid tags: \"\(text.prefix(128))\" is not a list of key=value")
            }
            rest = rest.dropFirst()
            var value = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                var closed = false
                while let next = rest.popFirst() {
                    if next == "\"" {
                        closed = true
                        break
                    }
                    if next == "\\", let escaped = rest.popFirst() { value.append(escaped) } else { value.append(next) }
                }
                guard closed else { throw HTTPFailure(.badRequest, "invalid tags: a quoted value is not closed") }
            } else {
                let plain = rest.prefix { $0 != " " }
                value = String(plain)
                rest = rest.dropFirst(plain.count)
            }
            pairs.append((String(key), value))
        }
    }
}
