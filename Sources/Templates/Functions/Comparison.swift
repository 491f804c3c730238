/// How `eq`, `lt` and their kin compare.
enum Comparison {
    private static let incompatible = TemplateFunctionError("incompatible types for comparison")
    private static let unordered = TemplateFunctionError("invalid type for comparison")

    /// True when the first equals any of the others.
    static func isEqual(_ first: TemplateValue, to others: ArraySlice<TemplateValue>) throws -> Bool {
        guard !others.isEmpty else { throw TemplateFunctionError("missing argument for comparison") }
        for other in others where try isEqual(first, other) { return true }
        return false
    }

    private static func isEqual(_ a: TemplateValue, _ b: TemplateValue) throws -> Bool {
        switch (a, b) {
        case (.bool(let a), .bool(let b)): return a == b
        case (.int(let a), .int(let b)): return a == b
        case (.float(let a), .float(let b)): return a == b
        case (.string(let a), .string(let b)): return a.utf8.elementsEqual(b.utf8)
        case (.none, .none): return true
        case (.none, _), (_, .none): return false
        case (.list, .list), (.map, .map), (.object, .object):
            throw TemplateFunctionError("non-comparable type \(b.text): \(b.typeName)")
        default: throw incompatible
        }
    }

    static func isLess(_ a: TemplateValue, _ b: TemplateValue) throws -> Bool {
        switch (a, b) {
        case (.int(let a), .int(let b)): return a < b
        case (.float(let a), .float(let b)): return a < b
        case (.string(let a), .string(let b)): return a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.int, .float), (.float, .int), (.int, .string), (.string, .int), (.float, .string), (.string, .float),
            (.bool, .int), (.bool, .float), (.bool, .string), (.int, .bool), (.float, .bool), (.string, .bool):
            throw incompatible
        default: throw unordered
        }
    }

    static func isLessOrEqual(_ a: TemplateValue, _ b: TemplateValue) throws -> Bool {
        if try isLess(a, b) { return true }
        return try isEqual(a, b)
    }
}
