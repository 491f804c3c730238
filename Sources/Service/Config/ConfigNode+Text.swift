import Yams

extension ConfigNode {
    /// The value as a YAML document of its own: block style, comments and anchors gone. `shown` says what stands in
    /// place of a scalar, given the keys that lead to it from here; nil leaves it as it is.
    package func yaml(
        shown: (_ keys: [String], _ text: String) -> String? = { _, _ in nil }
    ) throws(ConfigError) -> String {
        if let survey = notes.survey { readAll(survey) }
        var keys: [String] = []
        let blocks = Self.inBlocks(node, &keys, shown)
        do {
            return try Yams.serialize(node: blocks, width: -1, allowUnicode: true)
        } catch {
            throw self.error("\(subject) cannot be written as YAML: \(error)")
        }
    }

    /// A value that is taken as it stands is read with all that is in it.
    private func readAll(_ survey: SurveyNotes) {
        for leaf in leaves() { survey.read(leaf.path) }
    }

    /// Every scalar and empty collection below here, in the order of the file, with its path and
    /// line.
    func leaves() -> [(path: String, line: Int, isNull: Bool)] {
        switch node {
        case .mapping(let mapping) where !mapping.isEmpty:
            return mapping.flatMap { key, value -> [(path: String, line: Int, isNull: Bool)] in
                let name = key.scalar?.string ?? ""
                return ConfigNode(
                    node: value, path: path.isEmpty ? name : "\(path).\(name)", file: file, notes: notes
                ).leaves()
            }
        case .sequence(let sequence) where !sequence.isEmpty:
            return sequence.enumerated().flatMap { index, value in
                ConfigNode(node: value, path: "\(path)[\(index)]", file: file, notes: notes).leaves()
            }
        default: return [(path, line, isNull)]
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
