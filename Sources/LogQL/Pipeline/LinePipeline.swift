import MartletCore

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
        case pattern(LinePattern)
        case unpack
        case labelFilter(LabelCondition)
        case rename([(name: [UInt8], source: [UInt8])])
        case drop([LabelChoice])
        case keep([LabelChoice])
        case decolorize
    }

    /// Filters that the source can apply to the stored line; the pipeline does not repeat them.
    let pushedFilters: [LineFilter]
    /// Whether labels and line are the stored ones: no stage is left after the pushed filters.
    var isEmpty: Bool { steps.isEmpty }
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

    /// Prepares `stages`; throws for one that is not there yet. `wanted`, when given, are the only labels that the caller
    /// looks at; those that stages look at are added.
    init(_ stages: [LogStage], wanted: Set<String>? = nil) throws(LogQueryError) {
        var pushed: [LineFilter] = []
        var isStored = true
        var needed = wanted
        var changes = false
        for stage in stages {
            if case .lineFilter(let filter) = stage, isStored {
                // A filter on the stored line may come before any parser: what it drops, it drops either way.
                pushed.append(filter)
                continue
            }
            if stage.changesLine { isStored = false }
            if case .lineFilter = stage {} else if case .labelFilter = stage {} else { changes = true }
            steps.append(try Self.step(stage, needed: &needed))
        }
        pushedFilters = pushed
        changesLabels = changes
        self.wanted = needed.map { WantedLabels($0) } ?? .all
    }

    private static func step(_ stage: LogStage, needed: inout Set<String>?) throws(LogQueryError) -> Step {
        switch stage {
        case .lineFilter(let filter): return .lineFilter(filter)
        case .json(let extractions):
            guard !extractions.isEmpty else { return .json }
            var paths: [[JSONPath.Step]] = []
            for extraction in extractions { paths.append(try JSONPath.parse(extraction.path)) }
            return .jsonExtract(extractions, paths)
        case .logfmt(let strict, let keepEmpty, let extractions):
            return extractions.isEmpty
                ? .logfmt(strict: strict, keepEmpty: keepEmpty) : .logfmtExtract(extractions, strict: strict)
        case .regexp(let regex): return .regexp(regex, names: regex.groupNames.map { Array($0.utf8) })
        case .pattern(let pattern): return .pattern(pattern)
        case .unpack: return .unpack
        case .labelFilter(let filter):
            needed?.formUnion(filter.names)
            return .labelFilter(LabelCondition(filter))
        case .lineFormat: throw .unsupported("line_format")
        case .labelFormat(let formats):
            var renames: [(name: [UInt8], source: [UInt8])] = []
            for format in formats {
                guard case .rename(let name, let source) = format else {
                    throw .unsupported("label_format with a template")
                }
                needed?.insert(source)
                renames.append((Array(name.utf8), Array(source.utf8)))
            }
            return .rename(renames)
        case .drop(let choices):
            needed?.formUnion(choices.map(\.name))
            return .drop(choices)
        case .keep(let choices):
            needed?.formUnion(choices.map(\.name))
            return .keep(choices)
        case .decolorize: return .decolorize
        }
    }

    private static func cost(_ step: Step) -> Int {
        switch step {
        case .lineFilter(let filter): filter.cost
        case .regexp(let regex, _): QueryPace.regexCost * (1 + regex.groupCount)
        default: 1
        }
    }

    /// Begins a stream.
    mutating func begin(stream: Labels) { labels.begin(stream: stream) }

    /// Runs the stages over a line with its metadata (in `Labels`' encoding); whether it passes.
    mutating func process(_ line: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer) -> Bool {
        labels.begin(metadata: metadata)
        hasOwnLine = false
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
                guard let range else { continue }
                name.withUnsafeBytes { labels.addParsed($0, UnsafeRawBufferPointer(rebasing: line[range])) }
            }
        case .pattern(let pattern):
            pattern.captures(line) { name, value in Bytes.of(name) { labels.addParsed($0, value) } }
        case .unpack:
            if let entry = JSONFields.unpack(line, into: &labels) { replaceLine(entry) }
        case .labelFilter(let condition): return condition.passes(&labels)
        case .rename(let renames):
            for (name, source) in renames {
                guard let value = labels.value(source) else { continue }
                source.withUnsafeBytes { labels.remove($0) }
                labels.set(name, value)
            }
        case .drop(let choices):
            labels.keep { name, value in !choices.contains { Self.chooses($0, name, value) } }
            // The error labels go only when they are named.
            for case .name(let name) in choices where name.hasPrefix("__error") {
                Bytes.of(name) { labels.remove($0) }
            }
        case .keep(let choices):
            labels.keep { name, value in choices.contains { Self.chooses($0, name, value) } }
        case .decolorize: replaceLine(Self.decolorized(line))
        }
        return true
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

    /// The line without ANSI escape sequences (CSI … final byte).
    private static func decolorized(_ line: UnsafeRawBufferPointer) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(line.count)
        var index = 0
        while index < line.count {
            if line[index] == 0x1B, index + 1 < line.count, line[index + 1] == UInt8(ascii: "[") {
                index += 2
                while index < line.count, !(0x40...0x7E).contains(line[index]) { index += 1 }
                index += 1
            } else {
                out.append(line[index])
                index += 1
            }
        }
        return out
    }
}
