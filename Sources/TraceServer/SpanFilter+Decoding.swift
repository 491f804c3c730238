import MartletCore
import Service
import SpanMetrics

/// Reads Tempo's `filter_policies`: which spans are counted.
extension SpanFilter {
    /// The filter that a list of policies makes.
    init(policies: [ConfigNode]) throws {
        self.init()
        for node in policies {
            let isEmpty = try node.mapping { keys in
                let include = try keys.value("include").map { try Self.policy($0) }
                let includeAny = try keys.value("include_any").map { try Self.policy($0) }
                let exclude = try keys.value("exclude").map { try Self.policy($0) }
                if let include { self.include.append(include) }
                if let includeAny { self.includeAny.append(includeAny) }
                if let exclude { self.exclude.append(exclude) }
                return include == nil && includeAny == nil && exclude == nil
            }
            if isEmpty { throw node.error("\(node.path) needs one of include, include_any and exclude") }
        }
    }

    private static func policy(_ node: ConfigNode) throws -> Policy {
        try node.mapping { keys in
            let type = try keys.required("match_type")
            let isRegex = try type.choice(MatchType.self) == .regex
            return Policy(
                try keys.list("attributes").map { try condition($0, isRegex: isRegex) })
        }
    }

    private enum MatchType: String, CaseIterable { case strict, regex }

    private static func condition(
        _ node: ConfigNode, isRegex: Bool
    ) throws -> (subject: Subject, expected: Expected) {
        try node.mapping { keys in
            let key = try keys.required("key")
            let subject = try subject(key)
            let value = try keys.required("value")
            if isRegex {
                return (
                    subject,
                    .regex(
                        try value.parse { try Regex($0, anchored: false, dotMatchesNewline: false) })
                )
            }
            return (subject, try expected(value, subject))
        }
    }

    private static func subject(_ node: ConfigNode) throws -> Subject {
        let key = try node.string()
        switch key {
        case "kind", "span:kind": return .kind
        case "name", "span:name": return .name
        case "status", "span:status": return .status
        default:
            for (prefix, make) in [("span.", Subject.span), ("resource.", Subject.resource)]
            where key.hasPrefix(prefix) && key.utf8.count > prefix.utf8.count {
                var name = String(key.dropFirst(prefix.count))
                if name.count > 2, name.hasPrefix("\""), name.hasSuffix("\"") {
                    name = String(name.dropFirst().dropLast())
                }
                return make(name)
            }
            throw node.error(
                "\(node.path): \"\(key)\" must be kind, name, status, or an attribute that begins with span. or resource."
            )
        }
    }

    private static func expected(
        _ node: ConfigNode, _ subject: Subject
    ) throws -> Expected {
        let text = try node.string()
        let known: [String]
        switch subject {
        case .kind:
            known = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map { "SPAN_KIND_" + $0 }
        case .status: known = ["UNSET", "OK", "ERROR"].map { "STATUS_CODE_" + $0 }
        case .name: return .text(text)
        case .span, .resource:
            if node.isQuoted { return .text(text) }
            if let flag = try? node.bool(), ["true", "false"].contains(text.lowercased()) { return .bool(flag) }
            if let number = try? node.int() { return .int(Int64(number)) }
            if let number = try? node.double() { return .double(number) }
            return .text(text)
        }
        guard known.contains(text) else {
            throw node.error("\(node.path) must be one of \(known.joined(separator: ", ")), not \"\(text)\"")
        }
        return .text(text)
    }
}
