import MartletCore

/// The functions that every Go template has.
enum BuiltinFunctions {
    static let all: [String: TemplateFunction] = [
        // These two never get here with all their arguments: the execution stops at the first that decides.
        "and": TemplateFunction([.any], further: .any) { $0.last ?? .none },
        "or": TemplateFunction([.any], further: .any) { $0.last ?? .none },
        "not": TemplateFunction([.any]) { .bool(!$0[0].isTrue) },
        "call": TemplateFunction([.any], further: .any) { arguments in
            throw TemplateFunctionError("non-function of type \(arguments[0].typeName)")
        },
        "html": TemplateFunction([], further: .any) { .string(Escaping.html(text($0))) },
        "js": TemplateFunction([], further: .any) { .string(Escaping.javaScript(text($0))) },
        "urlquery": TemplateFunction([], further: .any) { .string(Escaping.urlQuery(text($0))) },
        "print": TemplateFunction([], further: .any) { .string(GoText.joined($0)) },
        "println": TemplateFunction([], further: .any) { .string(GoText.line($0)) },
        "printf": TemplateFunction([.string], further: .any) { arguments in
            .string(try GoFormat.text(arguments[0].text, Array(arguments.dropFirst())))
        },
        "len": TemplateFunction([.any]) { .int(Int64(try length($0[0]))) },
        "index": TemplateFunction([.any], further: .any, index),
        "slice": TemplateFunction([.any], further: .any, slice),
        "eq": TemplateFunction([.any], further: .any) { .bool(try Comparison.isEqual($0[0], to: $0.dropFirst())) },
        "ne": TemplateFunction([.any, .any]) { .bool(try !Comparison.isEqual($0[0], to: $0.dropFirst())) },
        "lt": TemplateFunction([.any, .any]) { .bool(try Comparison.isLess($0[0], $0[1])) },
        "le": TemplateFunction([.any, .any]) { .bool(try Comparison.isLessOrEqual($0[0], $0[1])) },
        "gt": TemplateFunction([.any, .any]) { .bool(try !Comparison.isLessOrEqual($0[0], $0[1])) },
        "ge": TemplateFunction([.any, .any]) { .bool(try !Comparison.isLess($0[0], $0[1])) },
    ]

    /// The arguments of the escaping functions as one text.
    private static func text(_ arguments: [TemplateValue]) -> String {
        GoText.joined(arguments.map { if case .none = $0 { .string("<no value>") } else { $0 } })
    }

    private static func length(_ value: TemplateValue) throws -> Int {
        switch value {
        case .string(let text): return text.utf8.count
        case .list(let list): return list.elements.count
        case .map(let map): return map.entries.count
        case .none: throw TemplateFunctionError("len of nil pointer")
        default: throw TemplateFunctionError("len of type \(value.typeName)")
        }
    }

    /// `index x 1 "a"` is `x[1]["a"]`.
    private static func index(_ arguments: [TemplateValue]) throws -> TemplateValue {
        var item = arguments[0]
        if case .none = item { throw TemplateFunctionError("index of untyped nil") }
        for key in arguments.dropFirst() {
            switch item {
            case .list(let list): item = list.elements[try position(key, below: list.elements.count)]
            case .string(let text):
                let position = try position(key, below: text.utf8.count)
                item = .int(Int64(Array(text.utf8)[position]))
            case .map(let map):
                guard case .string(let name) = key else {
                    if case .none = key { throw TemplateFunctionError("value is nil; should be of type string") }
                    throw TemplateFunctionError("value has type \(key.typeName); should be string")
                }
                item = map.entries[name] ?? map.missing
            case .none: throw TemplateFunctionError("index of nil pointer")
            default: throw TemplateFunctionError("can't index item of type \(item.typeName)")
            }
        }
        return item
    }

    private static func position(_ value: TemplateValue, below limit: Int) throws -> Int {
        switch value {
        case .int(let index):
            guard index >= 0, index < limit else { throw TemplateFunctionError("index out of range: \(index)") }
            return Int(index)
        case .none: throw TemplateFunctionError("cannot index slice/array with nil")
        default: throw TemplateFunctionError("cannot index slice/array with type \(value.typeName)")
        }
    }

    /// `slice x 1 2` is `x[1:2]`.
    private static func slice(_ arguments: [TemplateValue]) throws -> TemplateValue {
        let item = arguments[0]
        let count: Int
        switch item {
        case .string(let text):
            guard arguments.count < 4 else { throw TemplateFunctionError("cannot 3-index slice a string") }
            count = text.utf8.count
        case .list(let list): count = list.elements.count
        case .none: throw TemplateFunctionError("slice of untyped nil")
        default: throw TemplateFunctionError("can't slice item of type \(item.typeName)")
        }
        guard arguments.count <= 4 else {
            throw TemplateFunctionError("too many slice indexes: \(arguments.count - 1)")
        }
        let bounds = try arguments.dropFirst().map { try position($0, below: count + 1) }
        let start = bounds.first ?? 0
        let end = bounds.count > 1 ? bounds[1] : count
        guard start <= end else { throw TemplateFunctionError("invalid slice index: \(start) > \(end)") }
        if bounds.count > 2, end > bounds[2] {
            throw TemplateFunctionError("invalid slice index: \(end) > \(bounds[2])")
        }
        switch item {
        case .string(let text):
            return .string(String(decoding: Array(text.utf8)[start..<end], as: UTF8.self))
        case .list(let list): return .list(TemplateList(Array(list.elements[start..<end]), typeName: list.typeName))
        default: return item
        }
    }
}
