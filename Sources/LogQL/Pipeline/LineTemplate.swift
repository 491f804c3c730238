import MartletCore
import Templates

/// A template of `line_format` or `label_format` over the labels of a line.
struct LineTemplate {
    /// Labels that the template looks at; nil when it may be all.
    let labelNames: Set<String>?
    /// Whether a line costs little: text and labels, no function.
    let isPlain: Bool

    private let template: Template
    private let pieces: [Template.Piece]?

    /// Enough for a line; a query has many.
    private static let limits: TemplateLimits = {
        var limits = TemplateLimits()
        limits.steps = 100_000
        return limits
    }()

    /// Parses `text`; `name` is what Go's messages call it.
    init(_ text: String, name: String, functions: TemplateFunctions) throws(TemplateError) {
        template = try Template(name: name, text: text, functions: functions, limits: Self.limits)
        pieces = template.pieces
        isPlain = pieces != nil
        labelNames = template.fieldNames
    }

    /// The text for a line. `functions` are those that the template was parsed with.
    func render(_ labels: LineLabels, _ functions: TemplateFunctions) throws(TemplateError) -> [UInt8] {
        if let pieces {
            var out: [UInt8] = []
            for piece in pieces {
                switch piece {
                case .text(let bytes): out += bytes
                case .field(let name): Bytes.of(name) { labels.append(valueOf: $0, to: &out) }
                }
            }
            return out
        }
        var entries: [(key: String, value: String)] = []
        labels.forEach { name, value in
            let name = String(decoding: name, as: UTF8.self)
            guard labelNames?.contains(name) ?? true else { return }
            entries.append((name, String(decoding: value, as: UTF8.self)))
        }
        return try template.renderBytes(.map(TemplateMap(entries)), functions: functions)
    }
}
