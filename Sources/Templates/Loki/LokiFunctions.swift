import Glibc
import MartletCore

/// The functions of Loki's `line_format` and `label_format`: a choice of the Go library sprig's, and Loki's own.
package enum LokiFunctions {
    /// All functions. `__line__` and `__timestamp__` are those of `line`, `now` is its clock's.
    package static func functions(_ line: TemplateLine) -> TemplateFunctions {
        TemplateFunctions(
            LokiTextFunctions.all.merging(LokiNumberFunctions.all) { $1 }.merging(LokiTimeFunctions.all) { $1 }
                .merging(ofLine(line)) { $1 })
    }

    /// Those that need the line, or remember something for the lines that follow.
    private static func ofLine(_ line: TemplateLine) -> [String: TemplateFunction] {
        [
            "__line__": TemplateFunction([]) { _ in .string(line.line) },
            "__timestamp__": TemplateFunction([]) { _ in
                .object(TemplateTime(unixNanoseconds: line.timestamp, zone: .local))
            },
            "now": TemplateFunction([]) { _ in .object(TemplateTime(unixNanoseconds: line.now, zone: .local)) },
            "date": TemplateFunction([.string, .any]) { arguments in
                .string(
                    LokiTimeFunctions.moment(arguments[1], now: line.now).shown(in: .local).format(arguments[0].text))
            },
            "count": TemplateFunction([.string, .string], weight: TemplateFunction.heavy) { arguments in
                let regex = try line.regex(arguments[0].text)
                return .int(Int64(Bytes.of(arguments[1].text) { regex.matchCount(in: $0) }))
            },
            "regexReplaceAll": TemplateFunction([.string, .string, .string], weight: TemplateFunction.heavy) {
                arguments in
                let regex = try line.regex(arguments[0].text)
                return try replaceAll(
                    regex, arguments[1].text, with: RegexTemplate(arguments[2].text, for: regex),
                    length: arguments[2].text.utf8.count)
            },
            "regexReplaceAllLiteral": TemplateFunction([.string, .string, .string], weight: TemplateFunction.heavy) {
                arguments in
                try replaceAll(
                    try line.regex(arguments[0].text), arguments[1].text,
                    with: RegexTemplate(literal: arguments[2].text),
                    length: arguments[2].text.utf8.count)
            },
        ]
    }

    private static func replaceAll(
        _ regex: Regex, _ text: String, with template: RegexTemplate, length: Int
    ) throws -> TemplateValue {
        // Each match may be replaced by the text, and refer to all of it.
        try LokiTextFunctions.admit(text.utf8.count + 1, times: length + 1)
        return .string(Bytes.of(text) { String(decoding: regex.replaceAll($0, with: template), as: UTF8.self) })
    }
}
