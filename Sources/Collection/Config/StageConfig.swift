import MartletCore
import Service

/// Makes pipeline stages of their configuration. A stage that exists in Promtail and not here is refused by name: lines
/// would come out otherwise than meant.
enum StageConfig {
    private static let missing = [
        "template", "replace", "metrics", "tenant", "limit", "sampling", "pack", "geoip", "eventlogmessage",
        "non_indexed_labels", "windowsevent", "truncate",
    ]

    /// All stages of a list.
    static func pipeline(_ node: ConfigNode) throws -> Pipeline {
        Pipeline(try node.list().map { try stage($0) })
    }

    private static func stage(_ node: ConfigNode) throws -> any PipelineStage {
        let entries = try node.entries()
        guard entries.count == 1, let entry = entries.first else {
            throw node.error("a pipeline stage must have exactly one key, its name")
        }
        let name = try entry.key.string()
        let value = entry.value
        switch name {
        case "docker": return try value.mapping { _ in DockerStage() }
        case "cri": return try value.mapping { try cri(&$0) }
        case "regex": return try value.mapping { try regex(&$0) }
        case "json": return try value.mapping { try json(&$0) }
        case "logfmt": return try value.mapping { try logfmt(&$0) }
        case "timestamp": return try value.mapping { try timestamp(&$0) }
        case "output":
            return try value.mapping { mapping in OutputStage(source: try mapping.required("source").string()) }
        case "labels": return LabelsStage(try sources(value), as: .labels)
        case "structured_metadata": return LabelsStage(try sources(value), as: .metadata)
        case "static_labels":
            return StaticLabelsStage(
                Dictionary(try value.stringPairs().map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
        case "labeldrop": return LabelSelectStage(try value.strings(), keeps: false)
        case "labelallow": return LabelSelectStage(try value.strings(), keeps: true)
        case "match": return try value.mapping { try match(&$0) }
        case "drop": return try value.mapping { try drop(&$0) }
        case "multiline": return try value.mapping { try multiline(&$0) }
        case "decolorize": return try value.mapping { _ in DecolorizeStage() }
        default:
            if missing.contains(name) {
                throw entry.key.error("pipeline stage \"\(name)\" is not supported by this version")
            }
            throw entry.key.error("unknown pipeline stage \"\(name)\"")
        }
    }

    /// Unix time in nanoseconds.
    @Sendable static func now() -> Int64 { WallClock.nanoseconds }

    private static func cri(_ mapping: inout ConfigMapping) throws -> any PipelineStage {
        mapping.ignore("max_partial_line_size", because: "the limit of a line's length holds for joined lines' parts")
        mapping.ignore("max_partial_line_size_truncate", because: "the limit of a line's length cuts")
        return CRIStage(maxPartialLines: try mapping.int("max_partial_lines") ?? 100)
    }

    private static func regex(_ mapping: inout ConfigMapping) throws -> any PipelineStage {
        let node = try mapping.required("expression")
        let expression = try node.parse { try Regex($0, anchored: false, dotMatchesNewline: false) }
        guard expression.groupNames.contains(where: { !$0.isEmpty }) else {
            throw node.error("\(node.path): the expression has no named group, so it extracts nothing")
        }
        mapping.ignore("labels_from_groups", because: "a labels stage makes labels of groups")
        return RegexStage(expression: expression, source: try mapping.string("source"))
    }

    private static func json(_ mapping: inout ConfigMapping) throws -> any PipelineStage {
        let node = try mapping.required("expressions")
        let expressions = try node.entries().map { entry in
            let name = try entry.key.string()
            let path =
                entry.value.isNull
                ? try entry.key.parse { try JSONPath("\"\($0)\"") } : try entry.value.parse { try JSONPath($0) }
            return (name: name, path: path)
        }
        return JSONStage(
            expressions: expressions, source: try mapping.string("source"),
            dropsMalformed: try mapping.bool("drop_malformed") ?? false)
    }

    private static func logfmt(_ mapping: inout ConfigMapping) throws -> any PipelineStage {
        LogfmtStage(mapping: try sources(try mapping.required("mapping")), source: try mapping.string("source"))
    }

    private static func timestamp(_ mapping: inout ConfigMapping) throws -> any PipelineStage {
        let source = try mapping.required("source").string()
        let format = try mapping.required("format").string()
        let fallbacks = try mapping.strings("fallback_formats")
        if let node = mapping.value("location"), try node.string() != "UTC" {
            throw node.error("\(node.path): only UTC is supported by this version")
        }
        let action = mapping.value("action_on_failure")
        let failure = try action?.string() ?? "fudge"
        if let action, failure != "fudge", failure != "skip" {
            throw action.error("\(action.path) must be fudge or skip")
        }
        return TimestampStage(
            source: source, formats: ([format] + fallbacks).map { TimestampStage.Format($0) },
            fudges: failure == "fudge", now: now)
    }

    private static func match(_ mapping: inout ConfigMapping) throws -> any PipelineStage {
        let selector = try mapping.required("selector").parse { try LineSelector($0) }
        let action = mapping.value("action")
        let text = try action?.string() ?? "keep"
        if let action, text != "keep", text != "drop" { throw action.error("\(action.path) must be keep or drop") }
        let stages = try mapping.value("stages").map { try pipeline($0) }
        if let stages, text == "drop", !stages.isEmpty, let action {
            throw action.error("a match stage that drops lines has no stages")
        }
        mapping.ignore("pipeline_name", because: "only Promtail's own metrics use it")
        let reason = try mapping.string("drop_counter_reason") ?? "match_stage"
        return MatchStage(selector: selector, drops: text == "drop", reason: reason, stages: stages ?? Pipeline([]))
    }

    private static func drop(_ mapping: inout ConfigMapping) throws -> any PipelineStage {
        var conditions = DropStage.Conditions()
        conditions.sources = try mapping.strings("source")
        conditions.separator = try mapping.string("separator") ?? ";"
        conditions.expression = try mapping.value("expression")?.parse {
            try Regex($0, anchored: false, dotMatchesNewline: false)
        }
        conditions.value = try mapping.string("value")
        conditions.olderThan = try mapping.value("older_than")?.parse { try GoDuration.parse($0) }
        conditions.longerThan = try mapping.byteSize("longer_than")
        conditions.reason = try mapping.string("drop_counter_reason") ?? conditions.reason
        guard conditions.value == nil || conditions.expression == nil else {
            throw mapping.node.error("a drop stage takes only one of value and expression")
        }
        guard
            !conditions.sources.isEmpty || conditions.expression != nil || conditions.olderThan != nil
                || conditions.longerThan != nil
        else {
            throw mapping.node.error(
                "a drop stage needs at least one of source, expression, older_than and longer_than")
        }
        return DropStage(conditions, now: now)
    }

    private static func multiline(_ mapping: inout ConfigMapping) throws -> any PipelineStage {
        let firstline = try mapping.required("firstline").parse {
            try Regex($0, anchored: false, dotMatchesNewline: false)
        }
        let wait = try mapping.value("max_wait_time")?.parse { try GoDuration.parse($0) } ?? 3_000_000_000
        return MultilineStage(firstline: firstline, maxWait: wait, maxLines: try mapping.int("max_lines") ?? 128)
    }

    /// Names with where their values come from; nothing means the same name.
    private static func sources(_ node: ConfigNode) throws -> [String: String] {
        var sources: [String: String] = [:]
        for entry in try node.entries() {
            let name = try entry.key.string()
            let source = entry.value.isNull ? "" : try entry.value.string()
            sources[name] = source.isEmpty ? name : source
        }
        return sources
    }
}
