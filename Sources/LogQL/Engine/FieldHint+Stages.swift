import MartletCore

extension FieldHint {
    /// Shorter texts are in too many lines to be worth a search.
    private static let shortest = 2

    /// What the parsers of a pipeline have found when a line passes it: parsers take names and values from the line, so
    /// a filter on a label that a parser made asks for the line to contain its value. Escapes may hide a value or a name;
    /// a line with a backslash passes every hint for that reason.
    static func hints(_ stages: [LogStage], unwrap: Unwrap?) -> [FieldHint] {
        var parsers = Parsers()
        var hints: [FieldHint] = []
        for stage in stages {
            switch stage {
            case .lineFilter: continue
            case .json(let extractions): parsers.note(isLogfmt: false, extractions)
            case .logfmt(_, let keepEmpty, let extractions):
                parsers.note(isLogfmt: true, extractions)
                if keepEmpty { parsers.namesMayEnd = true }
            case .regexp, .pattern: parsers.note(isNaming: true)
            case .labelFilter(let filter):
                if !parsers.isEmpty { hints += self.hints(filter, parsers) }
            // Others change lines, or make labels of their own.
            default: return hints
            }
        }
        guard let unwrap, !parsers.isEmpty else { return hints }
        if let hint = presence(unwrap.label, parsers, namesMayEnd: false) { hints.append(hint) }
        return hints + unwrap.filters.flatMap { self.hints($0, parsers) }
    }

    /// The parsers that a line went through.
    private struct Parsers {
        var hasLogfmt = false
        var hasJSON = false
        /// Whether there are names that do not come from the line.
        var isNaming = false
        /// Whether a name may stand without `=` behind it.
        var namesMayEnd = false

        var isEmpty: Bool { !hasLogfmt && !hasJSON && !isNaming }

        mutating func note(isLogfmt: Bool, _ extractions: [LabelExtraction]) {
            if isLogfmt { hasLogfmt = true } else { hasJSON = true }
            if !extractions.isEmpty { isNaming = true }
        }

        mutating func note(isNaming: Bool) { self.isNaming = true }

        /// What a line may have instead of a text.
        var escapes: [[UInt8]] { hasLogfmt || hasJSON ? [[UInt8(ascii: "\\")]] : [] }
    }

    private static func hints(_ filter: LabelFilter, _ parsers: Parsers) -> [FieldHint] {
        switch filter {
        case .text(let matcher):
            guard isParsed(matcher.name), !matcher.matchesEmpty else { return [] }
            var values: [[UInt8]] = []
            if let set = matcher.setMatches {
                values = set.map { Array($0.utf8) }
            } else if matcher.kind == .regex, let literal = matcher.regex?.requiredLiteral {
                values = [literal]
            }
            guard !values.isEmpty, values.count <= 16, values.allSatisfy({ $0.count >= shortest }) else {
                return presence(matcher.name, parsers, namesMayEnd: parsers.namesMayEnd).map { [$0] } ?? []
            }
            return [FieldHint(name: matcher.name, literals: values + parsers.escapes)]
        case .value(let name, _, _, _):
            return presence(name, parsers, namesMayEnd: parsers.namesMayEnd).map { [$0] } ?? []
        case .address: return []
        case .and(let left, let right): return hints(left, parsers) + hints(right, parsers)
        case .or: return []
        }
    }

    /// A label of this name was made by a parser, under this name, or is the stream's or metadata's.
    private static func isParsed(_ name: String) -> Bool { !name.hasSuffix("_extracted") && !name.hasPrefix("__") }

    /// What stands in lines in which a parser found a label: its name, as far as the name is written there as it is.
    /// Underscores may stand for other bytes, or join nested names.
    private static func presence(_ name: String, _ parsers: Parsers, namesMayEnd: Bool) -> FieldHint? {
        guard isParsed(name), !parsers.isNaming else { return nil }
        let bytes = Array(name.utf8)
        if parsers.hasLogfmt, !parsers.hasJSON, !namesMayEnd, !bytes.contains(UInt8(ascii: "_")) {
            return FieldHint(name: name, literals: [bytes + [UInt8(ascii: "=")]])
        }
        let longest = bytes.split(separator: UInt8(ascii: "_")).max { $0.count < $1.count } ?? []
        guard longest.count >= shortest else { return nil }
        return FieldHint(name: name, literals: [Array(longest)] + (parsers.hasJSON ? parsers.escapes : []))
    }
}
