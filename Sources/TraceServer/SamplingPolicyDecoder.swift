import MartletCore
import Service
import TraceSampling

/// Reads policies of tail sampling.
enum SamplingPolicyDecoder {
    /// The policies of a list, each with a name of its own where that is asked for.
    static func policies(
        _ list: ConfigNode, named: Bool, _ decode: (ConfigNode) throws -> SamplingPolicy
    ) throws -> [SamplingPolicy] {
        var names: Set<String> = []
        return try list.list().map { node in
            let policy = try decode(node)
            guard !named || names.insert(policy.name).inserted else {
                throw node.error("\(node.path): a policy named \"\(policy.name)\" is there already")
            }
            return policy
        }
    }

    /// A policy of the list `policies`.
    static func policy(_ node: ConfigNode) throws -> SamplingPolicy {
        try policy(node, within: nil)
    }

    /// - Parameter outer: the type of the policy whose part it is; nil for none.
    private static func policy(_ node: ConfigNode, within outer: SamplingPolicyType?) throws -> SamplingPolicy {
        try node.mapping { section in
            let name = try section.required("name").string()
            guard !name.isEmpty else { throw node.error("\(node.path) needs a name") }
            let typeNode = try section.required("type")
            let type = try typeNode.choice(SamplingPolicyType.self)
            if let outer, type == .drop || type == .composite {
                throw typeNode.error("\(typeNode.path): \"\(type.rawValue)\" cannot be within \"\(outer.rawValue)\"")
            }
            let rule = try self.rule(type, &section)
            for other in SamplingPolicyType.allCases where other != type {
                section.ignore(other.rawValue, because: "the policy's type is \"\(type.rawValue)\"")
            }
            return SamplingPolicy(name, rule)
        }
    }

    private static func rule(_ type: SamplingPolicyType, _ section: inout ConfigMapping) throws -> any SamplingRule {
        switch type {
        case .alwaysSample, .traceFlags:
            try section.mapping(type.rawValue) { _ in }
            return type == .traceFlags ? TraceFlagsRule() : AlwaysRule()
        case .latency: return try content(type, &section) { try latency(&$0) }
        case .numericAttribute: return try content(type, &section) { try number(&$0) }
        case .probabilistic:
            return try content(type, &section) { section in
                let percentage = try section.value("sampling_percentage").map { try TraceConfig.percentage($0) }
                return ProbabilityRule(percentage: percentage ?? 0, salt: try section.string("hash_salt") ?? "")
            }
        case .statusCode: return try content(type, &section) { try status(&$0) }
        case .stringAttribute: return try content(type, &section) { try text(&$0) }
        case .booleanAttribute:
            return try content(type, &section) { section in
                BooleanRule(
                    try section.required("key").string(), try section.bool("value") ?? false,
                    isInverted: try section.bool("invert_match") ?? false)
            }
        case .rateLimiting:
            return try content(type, &section) { section in
                SpanRateRule(
                    spansPerSecond: try TraceConfig.count("spans_per_second", &section) ?? 0,
                    burst: try TraceConfig.count("burst_capacity", &section))
            }
        case .bytesLimiting:
            return try content(type, &section) { section in
                ByteRateRule(
                    bytesPerSecond: try TraceConfig.count("bytes_per_second", &section) ?? 0,
                    burst: try TraceConfig.count("burst_capacity", &section))
            }
        case .spanCount:
            return try content(type, &section) { section in
                SpanCountRule(
                    minimum: try TraceConfig.count("min_spans", &section) ?? 0,
                    maximum: try TraceConfig.count("max_spans", &section) ?? 0)
            }
        case .traceState:
            return try content(type, &section) { section in
                TraceStateRule(try section.required("key").string(), values: try section.strings("values"))
            }
        case .ottlCondition: return try content(type, &section) { try conditions(&$0) }
        case .and: return AndRule(try parts("and_sub_policy", of: type, &section))
        case .drop: return DropRule(try parts("drop_sub_policy", of: type, &section))
        case .not:
            return try content(type, &section) { section in
                NotRule(try policy(try section.required("not_sub_policy"), within: type))
            }
        case .composite: return try content(type, &section) { try composite(&$0) }
        }
    }

    /// What is under the key that is named like the type, which must be there.
    private static func content(
        _ type: SamplingPolicyType, _ section: inout ConfigMapping,
        _ body: (inout ConfigMapping) throws -> any SamplingRule
    ) throws -> any SamplingRule {
        try section.required(type.rawValue).mapping(body)
    }

    private static func parts(
        _ key: String, of type: SamplingPolicyType, _ section: inout ConfigMapping
    ) throws -> [SamplingPolicy] {
        try section.required(type.rawValue).mapping { section in
            let list = try section.required(key)
            let policies = try policies(list, named: false) { try policy($0, within: type) }
            guard !policies.isEmpty else { throw list.error("\(list.path) must have a policy") }
            return policies
        }
    }

    // MARK: Types of their own

    private static func latency(_ section: inout ConfigMapping) throws -> LatencyRule {
        LatencyRule(
            milliseconds: Int64(try TraceConfig.count("threshold_ms", &section) ?? 0),
            upperMilliseconds: Int64(try TraceConfig.count("upper_threshold_ms", &section) ?? 0))
    }

    private static func number(_ section: inout ConfigMapping) throws -> NumberRule {
        let key = try section.required("key").string()
        let (minimum, maximum) = (try section.int("min_value"), try section.int("max_value"))
        guard minimum != nil || maximum != nil else {
            throw section.node.error("\(section.node.path) needs min_value or max_value")
        }
        return NumberRule(
            key, minimum: minimum.map(Int64.init), maximum: maximum.map(Int64.init),
            isInverted: try section.bool("invert_match") ?? false)
    }

    private static func status(_ section: inout ConfigMapping) throws -> StatusRule {
        let node = try section.required("status_codes")
        let known = ["UNSET": 0, "OK": 1, "ERROR": 2]
        let codes = try node.list().map { code in
            guard let number = known[try code.string()] else {
                throw code.error("\(code.path) must be one of OK, ERROR, UNSET, not \"\(try code.string())\"")
            }
            return number
        }
        guard !codes.isEmpty else { throw node.error("\(node.path) must have a status code") }
        return StatusRule(Set(codes))
    }

    private static func text(_ section: inout ConfigMapping) throws -> TextRule {
        let key = try section.required("key").string()
        let isRegex = try section.bool("enabled_regex_matching") ?? false
        let values = try section.list("values")
        section.ignore("cache_max_size", because: "every text is looked at once")
        let matcher =
            isRegex
            ? TextMatcher(expressions: try values.map { value in try value.parse { try regex($0) } })
            : TextMatcher(texts: try values.map { try $0.string() })
        return TextRule(key, matcher, isInverted: try section.bool("invert_match") ?? false)
    }

    /// As Go compiles it: it may match anywhere, and a dot is no end of a line.
    private static func regex(_ pattern: String) throws -> Regex {
        try Regex(pattern, anchored: false, dotMatchesNewline: false)
    }

    private static func conditions(_ section: inout ConfigMapping) throws -> OTTLRule {
        func list(_ key: String, _ context: OTTLContext) throws -> [OTTLCondition] {
            try section.list(key).map { node in try node.parse { try OTTLCondition($0, context) } }
        }
        let mode = try section.choice("error_mode", OTTLRule.ErrorMode.self) ?? .ignore
        let (span, spanEvent) = (try list("span", .span), try list("spanevent", .spanEvent))
        guard !span.isEmpty || !spanEvent.isEmpty else {
            throw section.node.error("\(section.node.path) needs a condition in span or spanevent")
        }
        return OTTLRule(span: span, spanEvent: spanEvent, errorMode: mode)
    }

    private static func composite(_ section: inout ConfigMapping) throws -> CompositeRule {
        let total = try TraceConfig.count("max_total_spans_per_second", &section) ?? 0
        let list = try section.required("composite_sub_policy")
        let policies = try policies(list, named: true) { try policy($0, within: .composite) }
        guard !policies.isEmpty else { throw list.error("\(list.path) must have a policy") }
        let names = Set(policies.map(\.name))
        func known(_ node: ConfigNode) throws -> String {
            let name = try node.string()
            guard names.contains(name) else { throw node.error("\(node.path): no policy is named \"\(name)\"") }
            return name
        }
        var percents: [String: Int] = [:]
        for entry in try section.list("rate_allocation") {
            try entry.mapping { entry in
                let name = try known(try entry.required("policy"))
                let node = entry.value("percent")
                let percent = try node?.int() ?? 0
                if let node, !(0...100).contains(percent) { throw node.error("\(node.path) must be within 0 and 100") }
                if percent > 0 { percents[name] = percent }
            }
        }
        let order = try section.list("policy_order").map { try known($0) }
        let places = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: min)
        // What the order does not name comes last, as it is listed.
        let ordered = policies.enumerated().sorted {
            (places[$0.element.name] ?? .max, $0.offset) < (places[$1.element.name] ?? .max, $1.offset)
        }
        return CompositeRule(
            ordered.map { (policy: $0.element, percent: percents[$0.element.name]) }, spansPerSecond: total)
    }
}
