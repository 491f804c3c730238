import MartletCore
import Templates

/// A template of `line_format` or `label_format` over the labels of a line.
///
/// A class, since a stage is taken out of its pipeline for each line, and that should cost one reference.
final class LineTemplate {
    /// Labels that the template looks at; nil when it may be all.
    let labelNames: Set<String>?
    /// Whether a line costs little: text and labels, no function.
    let isPlain: Bool

    private let template: Template
    /// `labelNames`, and as they are compared.
    private let fields: [(name: String, bytes: [UInt8])]?
    private let pieces: [Piece]?

    private enum Piece {
        case text([UInt8])
        case label([UInt8])
    }

    /// Enough for a line; a query has many.
    private static let limits: TemplateLimits = {
        var limits = TemplateLimits()
        limits.steps = 100_000
        return limits
    }()

    /// Parses `text`; `name` is what Go's messages call it.
    init(_ text: String, name: String, functions: TemplateFunctions) throws(TemplateError) {
        template = try Template(name: name, text: text, functions: functions, limits: Self.limits)
        pieces = template.pieces?.map { piece in
            switch piece {
            case .text(let bytes): .text(bytes)
            case .field(let name): .label(Array(name.utf8))
            }
        }
        isPlain = pieces != nil
        labelNames = template.fieldNames
        fields = template.fieldNames?.sorted().map { ($0, Array($0.utf8)) }
    }

    /// The text for a line. `functions` are those that the template was parsed with.
    func render(_ labels: LineLabels, _ functions: TemplateFunctions) throws(TemplateError) -> [UInt8] {
        if let pieces {
            var out: [UInt8] = []
            for piece in pieces {
                switch piece {
                case .text(let bytes): out += bytes
                case .label(let name): name.withUnsafeBytes { labels.append(valueOf: $0, to: &out) }
                }
            }
            return out
        }
        var entries: [(key: String, value: String)] = []
        if let fields {
            for (name, bytes) in fields where labels.contains(bytes) {
                entries.append((name, labels.withValue(bytes) { String(decoding: $0, as: UTF8.self) }))
            }
        } else {
            labels.forEach { name, value in
                entries.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
            }
        }
        return try template.renderBytes(.map(TemplateMap(entries)), functions: functions)
    }
}
