import Yams

extension ConfigNode {
    /// The value as a YAML document of its own: block style, comments and anchors gone. `shown` says what stands in
    /// place of a scalar, given the keys that lead to it from here; nil leaves it as it is.
    package func yaml(
        shown: (_ keys: [String], _ text: String) -> String? = { _, _ in nil }
    ) throws(ConfigError) -> String {
        var keys: [String] = []
        let blocks = Self.inBlocks(node, &keys, shown)
        do {
            return try Yams.serialize(node: blocks, width: -1, allowUnicode: true)
        } catch {
            throw self.error("\(subject) cannot be written as YAML: \(error)")
        }
    }

    private static func inBlocks(
        _ node: Node, _ keys: inout [String], _ shown: (_ keys: [String], _ text: String) -> String?
    ) -> Node {
        switch node {
        case .mapping(let mapping):
            var pairs: [(Node, Node)] = []
            for (key, value) in mapping {
                keys.append(key.scalar?.string ?? "")
                pairs.append((key, inBlocks(value, &keys, shown)))
                keys.removeLast()
            }
            return Node(pairs, mapping.tag, .block)
        case .sequence(let sequence):
            var values: [Node] = []
            for value in sequence { values.append(inBlocks(value, &keys, shown)) }
            return Node(values, sequence.tag, .block)
        case .scalar(let scalar): return shown(keys, scalar.string).map { Node($0) } ?? node
        case .alias: return node
        }
    }
}
