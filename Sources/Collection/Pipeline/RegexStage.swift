package import MartletCore

/// `regex`: named groups of an RE2 expression become extracted values.
package struct RegexStage: PipelineStage {
    private let expression: Regex
    private let source: String?

    /// Works on the line, or on the extracted value `source`.
    package init(expression: Regex, source: String?) {
        self.expression = expression
        self.source = source
    }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        if let source {
            guard let text = entry.extracted[source] else {
                output.append(entry)
                return
            }
            Array(text.utf8).withUnsafeBytes { extract($0, into: &entry.extracted) }
        } else {
            entry.line.withUnsafeBytes { extract($0, into: &entry.extracted) }
        }
        output.append(entry)
    }

    private func extract(_ text: UnsafeRawBufferPointer, into extracted: inout [String: String]) {
        guard let groups = expression.captures(text) else { return }
        for (index, name) in expression.groupNames.enumerated() where !name.isEmpty {
            guard index + 1 < groups.count else { continue }
            extracted[name] = groups[index + 1].map { String(decoding: text[$0], as: UTF8.self) } ?? ""
        }
    }
}
