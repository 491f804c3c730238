import Yams

extension ConfigNode {
    /// The value as a YAML document of its own: block style, comments and anchors gone.
    package func yaml() throws(ConfigError) -> String {
        do {
            return try Yams.serialize(node: Self.inBlocks(node), width: -1, allowUnicode: true)
        } catch {
            throw self.error("\(subject) cannot be written as YAML: \(error)")
        }
    }

    private static func inBlocks(_ node: Node) -> Node {
        switch node {
        case .mapping(let mapping):
            return Node(mapping.map { (inBlocks($0.key), inBlocks($0.value)) }, mapping.tag, .block)
        case .sequence(let sequence): return Node(sequence.map(inBlocks), sequence.tag, .block)
        case .scalar, .alias: return node
        }
    }
}
