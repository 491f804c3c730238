import MartletCore

/// `json`: values of a JSON line become extracted values.
package struct JSONStage: PipelineStage {
    private let expressions: [(name: String, path: JSONPath)]
    private let source: String?
    private let dropsMalformed: Bool
    private var dropped: UInt64 = 0

    /// Extracted name → path in the document. With `dropsMalformed` a line that is not JSON goes no further.
    package init(expressions: [(name: String, path: JSONPath)], source: String?, dropsMalformed: Bool) {
        self.expressions = expressions
        self.source = source
        self.dropsMalformed = dropsMalformed
    }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        let document: JSONValue?
        if let source {
            document = entry.extracted[source].flatMap { try? JSONValue(parsing: $0) }
        } else {
            document = try? JSONValue(parsing: entry.line)
        }
        if let document, document.object != nil || document.array != nil {
            for (name, path) in expressions {
                if let text = JSONStage.text(at: path, in: document) { entry.extracted[name] = text }
            }
        } else if dropsMalformed {
            dropped += 1
            return
        }
        output.append(entry)
    }

    package mutating func takeDropped() -> [String: UInt64] {
        defer { dropped = 0 }
        return dropped == 0 ? [:] : ["malformed_json": dropped]
    }

    /// Strings as they are, numbers and booleans as written, objects and lists as JSON; nil for null and for nothing.
    private static func text(at path: JSONPath, in document: JSONValue) -> String? {
        var value = document
        for step in path.steps {
            let next: JSONValue?
            switch step {
            case .key(let key): next = value[key]
            case .index(let index):
                guard let list = value.array else { return nil }
                next = value[index < 0 ? list.count + index : index]
            }
            guard let next else { return nil }
            value = next
        }
        if value.isNull { return nil }
        if let string = value.string { return string }
        return String(decoding: value.bytes, as: UTF8.self)
    }
}
