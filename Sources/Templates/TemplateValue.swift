/// A value that templates work with, as Go's reflection would show it.
package enum TemplateValue: Sendable {
    /// Nil, or what is not there.
    case none
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case string(String)
    case list(TemplateList)
    case map(TemplateMap)
    /// Something with fields or methods.
    case object(any TemplateObject)

    /// The name of its type in Go, for messages and `%T`.
    package var typeName: String {
        switch self {
        case .none: "<nil>"
        case .bool: "bool"
        case .int: "int"
        case .float: "float64"
        case .string: "string"
        case .list(let list): list.typeName
        case .map(let map): map.typeName
        case .object(let object): object.typeName
        }
    }

    /// What `if`, `with`, `and`, `or` and `not` make of it: false for nothing, zero and what is empty.
    package var isTrue: Bool {
        switch self {
        case .none: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): !text.isEmpty
        case .list(let list): !list.elements.isEmpty
        case .map(let map): !map.entries.isEmpty
        case .object: true
        }
    }

    /// The text that `print` gives for it alone.
    package var text: String {
        if case .string(let text) = self { return text }
        var out: [UInt8] = []
        GoText.append(self, to: &out)
        return String(decoding: out, as: UTF8.self)
    }
}

/// An ordered list of values.
package struct TemplateList: Sendable {
    package var elements: [TemplateValue]
    /// In Go: `[]string`.
    package var typeName: String

    /// A list of a Go type.
    package init(_ elements: [TemplateValue], typeName: String = "[]interface {}") {
        self.elements = elements
        self.typeName = typeName
    }

    /// A list of strings.
    package init(_ texts: [String]) {
        self.init(texts.map { .string($0) }, typeName: "[]string")
    }
}

/// Values by name.
package struct TemplateMap: Sendable {
    package var entries: [String: TemplateValue]
    /// True when its values may be of any type, false when they are strings.
    let holdsAny: Bool

    /// Values of any kind; a key that is not there gives nothing.
    package init(_ entries: [String: TemplateValue]) {
        self.entries = entries
        holdsAny = true
    }

    /// Strings; a key that is not there gives the empty string.
    package init(_ texts: some Sequence<(key: String, value: String)>) {
        entries = Dictionary(texts.map { ($0.key, .string($0.value)) }, uniquingKeysWith: { $1 })
        holdsAny = false
    }

    /// In Go.
    package var typeName: String { holdsAny ? "map[string]interface {}" : "map[string]string" }

    /// What a key that is not there gives.
    var missing: TemplateValue { holdsAny ? .none : .string("") }

    /// The keys in the order in which `range` and `print` go through them: bytewise.
    package var keys: [String] { entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
}
