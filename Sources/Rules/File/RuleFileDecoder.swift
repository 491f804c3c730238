import MartletCore
import Service
import Templates

/// Reads rule groups, and gathers what is wrong with their rules, so that all of it is told at once. The checks and their
/// texts are those of Prometheus' `rulefmt`.
struct RuleFileDecoder {
    let language: any RuleLanguage
    private(set) var problems: [String] = []

    init(language: any RuleLanguage) {
        self.language = language
    }

    mutating func groups(_ root: ConfigNode) throws -> [RuleGroupDefinition] {
        let nodes = try root.mapping { try $0.list("groups") }
        var names: Set<String> = []
        var groups: [RuleGroupDefinition] = []
        for node in nodes {
            let group = try group(node)
            if !names.insert(group.name).inserted {
                problem(node, "groupname: \"\(group.name)\" is repeated in the same file")
            }
            groups.append(group)
        }
        return groups
    }

    mutating func group(_ node: ConfigNode) throws -> RuleGroupDefinition {
        var group = RuleGroupDefinition(name: "")
        var rules: [ConfigNode] = []
        try node.mapping { keys in
            group.name = try keys.string("name") ?? ""
            // An interval of nothing is the server's.
            group.intervalMs = try keys.duration("interval").flatMap { $0 > 0 ? $0 : nil }
            group.queryOffsetMs = try keys.duration("query_offset")
            group.limit = try keys.int("limit") ?? 0
            group.labels = try Self.pairs(&keys, "labels")
            rules = try keys.list("rules")
        }
        if group.name.isEmpty { problem(node, "Groupname must not be empty") }
        for (name, value) in group.labels.sorted(by: { $0.key < $1.key }) {
            if let fault = Self.fault(label: name, value) { problems.append(fault) }
        }
        for (index, rule) in rules.enumerated() {
            if let rule = try self.rule(rule, index + 1, group) { group.rules.append(rule) }
        }
        return group
    }

    /// A rule, or nil when it has mistakes.
    private mutating func rule(
        _ node: ConfigNode, _ number: Int, _ group: RuleGroupDefinition
    ) throws -> RuleDefinition? {
        let fields = try node.mapping { try RuleFields(&$0) }
        let name = fields.alert ?? fields.record ?? ""
        let before = problems.count
        func report(_ place: ConfigNode?, _ text: String) -> String {
            let position = place.map { "\($0.line):\($0.column): " } ?? ""
            return "\(position)group \(GoQuote.quote(group.name)), rule \(number), \(GoQuote.quote(name)): \(text)"
        }
        switch (fields.record, fields.alert) {
        case (.some, .some): problems.append(report(node, "only one of 'record' and 'alert' must be set"))
        case (nil, nil): problems.append(report(node, "one of 'record' or 'alert' must be set"))
        default: break
        }
        let expression = expression(fields, node, report)
        if let record = fields.record {
            for fault in fields.faults(record) { problems.append(report(fields.nameNode ?? node, fault)) }
        }
        for (label, value) in fields.labels.sorted(by: { $0.key < $1.key }) {
            if let fault = Self.fault(label: label, value) { problems.append(report(nil, fault)) }
        }
        for annotation in fields.annotations.keys.sorted() where annotation.isEmpty {
            problems.append(report(nil, "invalid annotation name: \(annotation)"))
        }
        if let alert = fields.alert {
            for fault in fields.templateFaults(alert) { problems.append(report(nil, fault)) }
        }
        guard let expression, problems.count == before else { return nil }
        var rule = RuleDefinition(fields.alert == nil ? .recording : .alerting, name, expression)
        rule.holdMs = fields.holdMs
        rule.keepFiringMs = fields.keepFiringMs
        rule.labels = group.labels.merging(fields.labels) { $1 }
        rule.annotations = fields.annotations
        return rule
    }

    private mutating func expression(
        _ fields: RuleFields, _ node: ConfigNode, _ report: (ConfigNode?, String) -> String
    ) -> RuleExpression? {
        guard let place = fields.expression, let text = try? place.string(), !text.isEmpty else {
            problems.append(report(node, "field 'expr' must be set in rule"))
            return nil
        }
        do {
            return try language.parse(text)
        } catch {
            problems.append(report(place, "could not parse expression: \(error)"))
            return nil
        }
    }

    private mutating func problem(_ node: ConfigNode, _ text: String) {
        problems.append("\(node.line):\(node.column): \(text)")
    }

    static func pairs(_ keys: inout ConfigMapping, _ key: String) throws -> [String: String] {
        Dictionary(try keys.stringPairs(key).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    private static func fault(label name: String, _ value: String) -> String? {
        name.isEmpty || name == Labels.metricName ? "invalid label name: \(name)" : nil
    }
}

/// The keys of a rule, as they are written.
private struct RuleFields {
    var record: String?
    var alert: String?
    var nameNode: ConfigNode?
    var expression: ConfigNode?
    var holdMs: Int64 = 0
    var keepFiringMs: Int64 = 0
    var labels: [String: String] = [:]
    var annotations: [String: String] = [:]

    init(_ keys: inout ConfigMapping) throws {
        let (recordNode, alertNode) = (keys.value("record"), keys.value("alert"))
        record = try recordNode.flatMap { try $0.string().isEmpty ? nil : $0.string() }
        alert = try alertNode.flatMap { try $0.string().isEmpty ? nil : $0.string() }
        nameNode = recordNode ?? alertNode
        expression = keys.value("expr")
        if let expression, !expression.isScalar { _ = try expression.string() }
        holdMs = try keys.duration("for") ?? 0
        keepFiringMs = try keys.duration("keep_firing_for") ?? 0
        labels = try RuleFileDecoder.pairs(&keys, "labels")
        annotations = try RuleFileDecoder.pairs(&keys, "annotations")
    }

    /// What a recording rule must not have.
    func faults(_ name: String) -> [String] {
        var faults: [String] = []
        if !annotations.isEmpty { faults.append("invalid field 'annotations' in recording rule") }
        if holdMs != 0 { faults.append("invalid field 'for' in recording rule") }
        if keepFiringMs != 0 { faults.append("invalid field 'keep_firing_for' in recording rule") }
        if name.contains("{") || name.contains("}") {
            faults.append("braces present in the recording rule name; should it be in expr?: \(name)")
        }
        return faults
    }

    func templateFaults(_ alert: String) -> [String] {
        var faults: [String] = []
        for (what, texts) in [("label", labels), ("annotation", annotations)] {
            for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
                do throws(TemplateError) {
                    _ = try AlertTemplate(alert: alert, text: text)
                } catch {
                    faults.append("\(what) \(GoQuote.quote(name)): \(error)")
                }
            }
        }
        return faults
    }
}
