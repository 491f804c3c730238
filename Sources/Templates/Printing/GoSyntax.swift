import MartletCore

/// Values as Go source (`%#v`).
enum GoSyntax {
    static func text(_ value: TemplateValue) -> String {
        switch value {
        case .none: return "<nil>"
        case .string(let text): return GoQuote.quote(text)
        case .bool, .int, .float, .object: return value.text
        case .list(let list):
            return list.typeName + "{" + list.elements.map { element($0, list.typeName) }.joined(separator: ", ") + "}"
        case .map(let map):
            let pairs = map.keys.map { "\(GoQuote.quote($0)):\(element(map.entries[$0] ?? .none, map.typeName))" }
            return map.typeName + "{" + pairs.joined(separator: ", ") + "}"
        }
    }

    /// Nil among values of any kind is written with their type.
    private static func element(_ value: TemplateValue, _ container: String) -> String {
        if case .none = value, container.hasSuffix("interface {}") { return "interface {}(nil)" }
        return text(value)
    }
}
