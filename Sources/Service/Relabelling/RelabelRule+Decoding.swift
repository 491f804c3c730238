import MartletCore

extension RelabelRule {
    /// Decodes one element of `relabel_configs`; the rules about which keys an action needs are Prometheus'.
    package init(_ node: ConfigNode) throws {
        self = try node.mapping { keys throws in
            let expression = keys.value("regex")
            let compiled = try expression?.parse { try Regex($0, anchored: true) } ?? Regex("(.*)", anchored: true)
            var rule = RelabelRule(regex: compiled)
            rule.action = try Self.action(keys.value("action"))
            rule.sourceLabels = try keys.strings("source_labels")
            rule.separator = try keys.string("separator") ?? ";"
            rule.targetLabel = try keys.string("target_label") ?? ""
            rule.replacement = try keys.string("replacement") ?? "$1"
            let modulus = try keys.int("modulus") ?? 0
            guard modulus >= 0 else { throw node.error("\(node.path).modulus must not be negative") }
            rule.modulus = UInt64(modulus)
            try rule.check(node, hasExpression: expression != nil)
            return rule
        }
    }

    private static func action(_ node: ConfigNode?) throws -> RelabelAction {
        guard let node else { return .replace }
        let text = try node.string()
        guard let action = RelabelAction(rawValue: text.lowercased()) else {
            throw node.error("unknown relabel action \"\(text)\"")
        }
        return action
    }

    private func check(_ node: ConfigNode, hasExpression: Bool) throws(ConfigError) {
        switch action {
        case .replace, .hashmod, .lowercase, .uppercase, .keepequal, .dropequal:
            guard !targetLabel.isEmpty else {
                throw node.error("\(node.path): relabel action \(action.rawValue) requires \"target_label\"")
            }
            if action == .hashmod, modulus == 0 {
                throw node.error("\(node.path): relabel action hashmod requires a modulus that is not 0")
            }
        case .labeldrop, .labelkeep:
            guard sourceLabels.isEmpty, targetLabel.isEmpty, modulus == 0 else {
                throw node.error("\(node.path): relabel action \(action.rawValue) takes only \"regex\"")
            }
        case .labelmap:
            guard !replacement.isEmpty else { throw node.error("\(node.path): labelmap requires a replacement") }
        case .keep, .drop: break
        }
        if action == .keepequal || action == .dropequal, hasExpression {
            throw node.error("\(node.path): relabel action \(action.rawValue) takes no \"regex\"")
        }
    }
}
