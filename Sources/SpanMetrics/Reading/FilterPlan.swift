/// A condition of a filter, with the number of its attribute.
struct FilterCondition: Sendable {
    let subject: SpanFilter.Subject
    let attribute: Int
    let expected: SpanFilter.Expected
}

/// A filter whose attributes have numbers.
struct FilterPlan: Sendable {
    var include: [[FilterCondition]] = []
    var includeAny: [[FilterCondition]] = []
    var exclude: [[FilterCondition]] = []

    var isEmpty: Bool { include.isEmpty && includeAny.isEmpty && exclude.isEmpty }

    init(_ filter: SpanFilter, _ keys: inout AttributeKeys) {
        include = Self.numbered(filter.include, &keys)
        includeAny = Self.numbered(filter.includeAny, &keys)
        exclude = Self.numbered(filter.exclude, &keys)
    }

    private static func numbered(_ policies: [SpanFilter.Policy], _ keys: inout AttributeKeys) -> [[FilterCondition]] {
        var all: [[FilterCondition]] = []
        for policy in policies {
            var conditions: [FilterCondition] = []
            for (subject, expected) in policy.conditions {
                var attribute = 0
                switch subject {
                case .kind, .name, .status: break
                case .span(let key), .resource(let key): attribute = keys.number(of: key)
                }
                conditions.append(FilterCondition(subject: subject, attribute: attribute, expected: expected))
            }
            all.append(conditions)
        }
        return all
    }

    /// Whether a span counts, when `holds` says whether a condition does.
    func accepts(_ holds: (FilterCondition) -> Bool) -> Bool {
        if exclude.contains(where: { $0.allSatisfy(holds) }) { return false }
        if includeAny.contains(where: { $0.allSatisfy(holds) }) { return true }
        if !include.isEmpty { return include.allSatisfy { $0.allSatisfy(holds) } }
        return includeAny.isEmpty
    }
}
