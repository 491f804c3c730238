import MartletCore

/// The functions of Prometheus' rules and of Loki's.
package enum PrometheusFunctions {
    /// What functions may ask of their surroundings.
    package struct Context: Sendable {
        /// Runs an instant query at the moment of the evaluation.
        package let query: @Sendable (String) throws -> [TemplateSample]
        /// Milliseconds since 1970.
        package let timeMs: Int64
        package let externalURL: ExternalURL

        /// The surroundings of one evaluation.
        package init(
            timeMs: Int64, externalURL: ExternalURL, query: @escaping @Sendable (String) throws -> [TemplateSample]
        ) {
            self.query = query
            self.timeMs = timeMs
            self.externalURL = externalURL
        }
    }

    /// Bytes that a text may be replaced by.
    private static let replacementLimit = 4 << 20

    /// All functions, for parsing: those that need surroundings fail when they are called.
    package static let names = functions(
        Context(timeMs: 0, externalURL: ExternalURL("")) { _ in throw TemplateFunctionError("there is nothing to query")
        })

    /// All functions in their surroundings.
    package static func functions(_ context: Context) -> TemplateFunctions {
        TemplateFunctions(plain.merging(surrounded(context)) { $1 })
    }

    private static func surrounded(_ context: Context) -> [String: TemplateFunction] {
        [
            "query": TemplateFunction([.string]) { arguments in
                let samples = try context.query(arguments[0].text)
                return .list(
                    TemplateList(samples.map { .object($0) }, typeName: TemplateSample.listType))
            },
            "now": TemplateFunction([]) { _ in .float(Double(context.timeMs) / 1000) },
            "externalURL": TemplateFunction([]) { _ in .string(context.externalURL.text) },
            "pathPrefix": TemplateFunction([]) { _ in .string(context.externalURL.path) },
        ]
    }

    private static let result = TemplateFunction.Parameter.type(TemplateSample.listType)
    private static let sample = TemplateFunction.Parameter.type(TemplateSample.goType)

    private static let plain: [String: TemplateFunction] = [
        "first": TemplateFunction([result]) { arguments in
            guard case .list(let list) = arguments[0], let first = list.elements.first else {
                throw TemplateFunctionError("first() called on vector with no elements")
            }
            return first
        },
        "label": TemplateFunction([.string, sample]) { .string(try element($0[1]).label($0[0].text)) },
        "value": TemplateFunction([sample]) { try element($0[0]).value },
        "strvalue": TemplateFunction([sample]) { .string(try element($0[0]).label("__value__")) },
        "sortByLabel": TemplateFunction([.string, result]) { arguments in
            guard case .list(var list) = arguments[1] else { return arguments[1] }
            let name = arguments[0].text
            // Equal ones keep their order.
            let keyed = try list.elements.enumerated().map { (try element($1).label(name), $0, $1) }
            list.elements = keyed.sorted { a, b in
                a.0 == b.0 ? a.1 < b.1 : a.0.utf8.lexicographicallyPrecedes(b.0.utf8)
            }.map(\.2)
            return .list(list)
        },
        "args": TemplateFunction([], further: .any) { arguments in
            .map(
                TemplateMap(
                    Dictionary(uniqueKeysWithValues: arguments.enumerated().map { ("arg\($0)", $1) })))
        },
        "match": TemplateFunction([.string, .string], weight: TemplateFunction.heavy) { arguments in
            .bool(try Regex(arguments[0].text, anchored: false, dotMatchesNewline: false).matches(arguments[1].text))
        },
        "reReplaceAll": TemplateFunction([.string, .string, .string], weight: TemplateFunction.heavy) { arguments in
            .string(try replace(arguments[0].text, arguments[1].text, arguments[2].text))
        },
        "title": .text(TitleCase.apply),
        "toUpper": .text { $0.uppercased() },
        "toLower": .text { $0.lowercased() },
        "safeHtml": .text { $0 },
        "urlQueryEscape": .text(Escaping.urlQuery),
        "graphLink": .text(graphLink),
        "tableLink": .text(tableLink),
        "stripPort": .text(HostPort.stripPort),
        "stripDomain": .text(HostPort.stripDomain),
        "humanize": TemplateFunction([.any]) { .string(Humanize.decimal(try Humanize.number($0[0]))) },
        "humanize1024": TemplateFunction([.any]) { .string(Humanize.binary(try Humanize.number($0[0]))) },
        "humanizeDuration": TemplateFunction([.any]) { .string(Humanize.duration(try Humanize.number($0[0]))) },
        "humanizePercentage": TemplateFunction([.any]) { .string(Humanize.percentage(try Humanize.number($0[0]))) },
        "humanizeTimestamp": TemplateFunction([.any]) { arguments in
            let seconds = try Humanize.number(arguments[0])
            guard seconds.isFinite else { return .string(Printf.text("%.4g", seconds)) }
            return .string(try TemplateTime(unixSeconds: seconds).text)
        },
        "toTime": TemplateFunction([.any]) { .object(try TemplateTime(unixSeconds: Humanize.number($0[0]))) },
        "toDuration": TemplateFunction([.any]) { .object(TemplateDuration(seconds: try Humanize.number($0[0]))) },
        "parseDuration": TemplateFunction([.string]) { arguments in
            let text = arguments[0].text
            let isNegative = text.hasPrefix("-")
            let milliseconds = try PrometheusDuration.parse(isNegative ? String(text.dropFirst()) : text)
            return .float(Double(isNegative ? -milliseconds : milliseconds) / 1000)
        },
    ]

    /// Where an expression's graph is, relative to the external URL.
    package static func graphLink(_ expression: String) -> String {
        "/graph?g0.expr=\(Escaping.urlQuery(expression))&g0.tab=0"
    }

    /// Where an expression's table is, relative to the external URL.
    package static func tableLink(_ expression: String) -> String {
        "/graph?g0.expr=\(Escaping.urlQuery(expression))&g0.tab=1"
    }

    private static func element(_ value: TemplateValue) throws -> TemplateSample {
        guard case .object(let object) = value, let sample = object as? TemplateSample else {
            throw TemplateFunctionError("runtime error: invalid memory address or nil pointer dereference")
        }
        return sample
    }

    private static func replace(_ pattern: String, _ replacement: String, _ text: String) throws -> String {
        let regex: Regex
        do throws(RegexError) {
            regex = try Regex(pattern, anchored: false, dotMatchesNewline: false)
        } catch {
            let shown = pattern.contains("`") ? GoQuote.quote(pattern) : "`\(pattern)`"
            throw TemplateFunctionError("regexp: Compile(\(shown)): \(error)")
        }
        let (product, overflow) = (text.utf8.count + 1).multipliedReportingOverflow(by: replacement.utf8.count + 1)
        guard !overflow, product <= replacementLimit else {
            throw TemplateFunctionError("the text and its replacement are too long together")
        }
        let template = RegexTemplate(replacement, for: regex)
        return Bytes.of(text) { String(decoding: regex.replaceAll($0, with: template), as: UTF8.self) }
    }
}
