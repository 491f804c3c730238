import MartletCore
import Templates

/// Runs the stages of a log expression over lines.
///
/// Use it from one thread: `begin(stream:)`, then `process` for each line, whose outcome is in `labels` and `line`.
struct LinePipeline {
    private enum Step {
        case lineFilter(LineFilter)
        case json
        case jsonExtract([LabelExtraction], [[JSONPath.Step]])
        case logfmt(strict: Bool, keepEmpty: Bool)
        case logfmtExtract([LabelExtraction], strict: Bool)
        case regexp(Regex, names: [[UInt8]])
        case pattern(LinePattern, names: [[UInt8]])
        case unpack
        case labelFilter(LabelCondition)
        case lineFormat(LineTemplate)
        case labelFormat([LabelTarget])
        case drop([LabelChoice])
        case keep([LabelChoice])
        case decolorize
    }

    /// What `label_format` makes of a label.
    private enum LabelTarget {
        case rename(name: [UInt8], source: [UInt8])
        case template(name: [UInt8], LineTemplate)
    }

    /// Filters that the source can apply to the stored line; the pipeline does not repeat them.
    let pushedFilters: [LineFilter]
    /// Whether labels and line are the stored ones, and what passes can be told by the labels: no stage is left after the
    /// pushed filters but filters on labels.
    var looksAtStoredLabelsOnly: Bool {
        steps.allSatisfy { step in
            if case .labelFilter = step { true } else { false }
        }
    }
    /// The labels that stages or the caller look at, nil for all.
    let neededLabels: Set<String>?
    /// Whether any stage changes labels.
    let changesLabels: Bool
    /// What a byte of a line costs, about; see `QueryPace`.
    var cost: Int { steps.reduce(0) { $0 + Self.cost($1) } }
    /// The labels of the line processed last.
    var labels = LineLabels()

    private var steps: [Step] = []
    private let wanted: WantedLabels
    private var ownLine: [UInt8] = []
    private var hasOwnLine = false
    private var timestamp: Int64 = 0
    /// What templates see of the line besides its labels.
    private let templateLine: TemplateLine
    private let functions: TemplateFunctions

    /// Prepares `stages`; throws a parse error that names the stage. `wanted`, when given, are the only labels that the caller
    /// looks at; those that stages look at are added.
    init(_ stages: [LogStage], wanted: Set<String>? = nil) throws(LogQueryError) {
        var pushed: [LineFilter] = []
        var isStored = true
        var needed = wanted
        var changes = false
        templateLine = TemplateLine(clock: LogQueryContext.unixNanoseconds)
        functions = LokiFunctions.functions(templateLine)
        for stage in stages {
            if case .lineFilter(let filter) = stage, isStored {
                // A filter on the stored line may come before any parser: what it drops, it drops either way.
                pushed.append(filter)
                continue
            }
            if stage.changesLine { isStored = false }
            if case .lineFilter = stage {} else if case .labelFilter = stage {} else { changes = true }
            steps.append(try Self.step(stage, functions, needed: &needed))
        }
        pushedFilters = pushed
        changesLabels = changes
        neededLabels = needed
        self.wanted = needed.map { WantedLabels($0) } ?? .all
    }

    private static func step(
        _ stage: LogStage, _ functions: TemplateFunctions, needed: inout Set<String>?
    ) throws(LogQueryError) -> Step {
        switch stage {
        case .lineFilter(let filter): return .lineFilter(filter)
        case .json(let extractions):
            guard !extractions.isEmpty else { return .json }
            var paths: [[JSONPath.Step]] = []
            for extraction in extractions {
                do throws(LogQueryError) {
                    paths.append(try JSONPath.parse(extraction.path))
                } catch {
                    throw error.inside(stage: stage)
                }
            }
            return .jsonExtract(extractions, paths)
        case .logfmt(let strict, let keepEmpty, let extractions):
            return extractions.isEmpty
                ? .logfmt(strict: strict, keepEmpty: keepEmpty) : .logfmtExtract(extractions, strict: strict)
        case .regexp(let regex):
            return .regexp(
                regex,
                names: regex.groupNames.map { name in
                    var label: [UInt8] = []
                    FieldName.append(name.utf8, to: &label)
                    return label
                })
        case .pattern(let pattern): return .pattern(pattern, names: pattern.names.map { Array($0.utf8) })
        case .unpack: return .unpack
        case .labelFilter(let filter):
            needed?.formUnion(filter.names)
            return .labelFilter(LabelCondition(filter))
        case .lineFormat(let text):
            let template: LineTemplate
            do throws(TemplateError) {
                template = try LineTemplate(text, name: "line", functions: functions)
            } catch {
                throw .stage(stage, "invalid line template: \(error)")
            }
            note(template, &needed)
            return .lineFormat(template)
        case .labelFormat(let formats):
            var targets: [LabelTarget] = []
            for (index, format) in formats.enumerated() {
                guard format.name != "__error__" else { throw .stage(stage, "__error__ cannot be formatted") }
                guard !formats[..<index].contains(where: { $0.name == format.name }) else {
                    throw .stage(
                        stage, "multiple label name '\(format.name)' not allowed in a single format operation")
                }
                switch format {
                case .rename(let name, let source):
                    needed?.insert(source)
                    targets.append(.rename(name: Array(name.utf8), source: Array(source.utf8)))
                case .template(let name, let text):
                    do throws(TemplateError) {
                        let template = try LineTemplate(text, name: "label", functions: functions)
                        note(template, &needed)
                        targets.append(.template(name: Array(name.utf8), template))
                    } catch {
                        throw .stage(stage, "invalid template for label '\(name)': \(error)")
                    }
                }
            }
            return .labelFormat(targets)
        case .drop(let choices):
            needed?.formUnion(choices.map(\.name))
            return .drop(choices)
        case .keep(let choices):
            needed?.formUnion(choices.map(\.name))
            return .keep(choices)
        case .decolorize: return .decolorize
        }
    }

    /// Adds what a template looks at to the labels that are needed: all when it may look at all.
    private static func note(_ template: LineTemplate, _ needed: inout Set<String>?) {
        guard let names = template.labelNames else {
            needed = nil
            return
        }
        needed?.formUnion(names)
    }

    private static func cost(_ step: Step) -> Int {
        switch step {
        case .lineFilter(let filter): filter.cost
        case .lineFormat(let template): cost(template)
        case .labelFormat(let targets):
            targets.reduce(1) { sum, target in
                if case .template(_, let template) = target { sum + cost(template) } else { sum + 1 }
            }
        case .regexp(let regex, _): QueryPace.regexCost * (1 + regex.groupCount)
        default: 1
        }
    }

    private static func cost(_ template: LineTemplate) -> Int { template.isPlain ? 2 : QueryPace.regexCost }

    /// Begins a stream.
    mutating func begin(stream: Labels) { labels.begin(stream: stream) }

    /// Runs the stages over a line with its metadata (in `Labels`' encoding); whether it passes.
    mutating func process(
        _ line: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer, timestamp: Int64
    ) -> Bool {
        labels.begin(metadata: metadata)
        hasOwnLine = false
        self.timestamp = timestamp
        for index in steps.indices {
            let passes =
                hasOwnLine
                ? ownLine.withUnsafeBytes { own in run(steps[index], own) } : run(steps[index], line)
            guard passes else { return false }
        }
        return true
    }

    /// Calls `body` with the line as the stages left it; `stored` is the line that was processed.
    func withLine<R>(_ stored: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        hasOwnLine ? ownLine.withUnsafeBytes(body) : body(stored)
    }

    private mutating func run(_ step: Step, _ line: UnsafeRawBufferPointer) -> Bool {
        switch step {
        case .lineFilter(let filter): return filter.passes(line)
        case .json: JSONFields.parse(line, wanted, into: &labels)
        case .jsonExtract(let extractions, let paths): JSONFields.extract(extractions, paths, line, into: &labels)
        case .logfmt(let strict, let keepEmpty):
            LogfmtFields.parse(line, strict: strict, keepEmpty: keepEmpty, wanted, into: &labels)
        case .logfmtExtract(let extractions, let strict):
            LogfmtFields.extract(extractions, line, strict: strict, into: &labels)
        case .regexp(let regex, let names):
            guard let groups = regex.captures(line) else { return true }
            for (name, range) in zip(names, groups.dropFirst()) where !name.isEmpty {
                // A group that took no part is there, and empty.
                let value = UnsafeRawBufferPointer(rebasing: line[range ?? 0..<0])
                name.withUnsafeBytes { labels.addParsed($0, value) }
            }
        case .pattern(let pattern, let names):
            pattern.captures(line) { place, value in names[place].withUnsafeBytes { labels.addParsed($0, value) } }
        case .unpack:
            if let entry = JSONFields.unpack(line, into: &labels) { replaceLine(entry) }
        case .labelFilter(let condition): return condition.passes(&labels)
        case .lineFormat(let template):
            do throws(TemplateError) {
                replaceLine(try render(template, labels, line))
            } catch {
                labels.fail("TemplateFormatErr", error.description)
            }
        case .labelFormat(let targets): format(targets, line)
        case .drop(let choices):
            labels.keep { name, value in !choices.contains { Self.chooses($0, name, value) } }
            // The error labels go only when they are named.
            for choice in choices where choice.name.hasPrefix("__error") {
                labels.removeError(Array(choice.name.utf8)) { Self.chooses(choice, $0, $1) }
            }
        case .keep(let choices):
            labels.keep { name, value in choices.contains { Self.chooses($0, name, value) } }
        case .decolorize: if let plain = ANSIEscapes.stripped(line) { replaceLine(plain) }
        }
        return true
    }

    private func render(
        _ template: LineTemplate, _ labels: LineLabels, _ line: UnsafeRawBufferPointer
    ) throws(TemplateError) -> [UInt8] {
        if !template.isPlain { templateLine.begin(String(decoding: line, as: UTF8.self), timestamp: timestamp) }
        return try template.render(labels, functions)
    }

    /// One after the other; but templates see the labels as the first of them does, with the renames before it and none
    /// behind it.
    private mutating func format(_ targets: [LabelTarget], _ line: UnsafeRawBufferPointer) {
        var seen: LineLabels?
        for target in targets {
            switch target {
            case .rename(let name, let source):
                guard let value = labels.value(source) else { continue }
                labels.set(name, value)
                if name != source { source.withUnsafeBytes { labels.remove($0) } }
            case .template(let name, let template):
                if seen == nil, targets.count > 1 { seen = labels }
                do throws(TemplateError) {
                    labels.set(name, try render(template, seen ?? labels, line))
                } catch {
                    labels.fail("TemplateFormatErr", error.description)
                }
            }
        }
    }

    private mutating func replaceLine(_ line: [UInt8]) {
        ownLine = line
        hasOwnLine = true
    }

    private static func chooses(
        _ choice: LabelChoice, _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) -> Bool {
        guard name.elementsEqual(choice.name.utf8) else { return false }
        if case .matcher(let matcher) = choice { return matcher.matches(value) }
        return true
    }
}
