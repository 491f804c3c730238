import LogQL
import MartletCore

extension LineBlock {
    /// The rows that pass, and what was asked for of their lines.
    struct Selected {
        var rows: [Int] = []
        var lines: [UInt8] = []
        var ends: [UInt32] = []
    }

    /// The rows of `range`, and of `rows` unless that is nil, whose lines pass all filters. `limit` is how many bytes the block's
    /// lines have; `context` may end the search.
    mutating func select(
        _ filters: [LineFilter], rows range: Range<Int>, among rows: RowSet?, text: LogSelection.Text, limit: Int,
        context: LogQueryContext?
    ) throws -> Selected {
        let (candidates, remaining) = try candidates(filters, among: rows, limit: limit, context: context)
        if candidates?.isEmpty == true { return Selected() }
        if remaining.isEmpty, text != .lines {
            return try selected(range.filter { candidates?.contains($0) ?? true }, lengths: text == .lengths)
        }
        return try written(
            candidates, remaining, range, keepsText: text == .lines, limit: limit,
            pace: context.map { QueryPace($0, filters: remaining) })
    }

    /// The rows that pass, those of `rows` at most, of which those in `range` are right; nil when all pass.
    mutating func passing(
        _ filters: [LineFilter], rows range: Range<Int>, among rows: RowSet?, limit: Int, context: LogQueryContext?
    ) throws -> RowSet? {
        let (candidates, remaining) = try candidates(filters, among: rows, limit: limit, context: context)
        if remaining.isEmpty || candidates?.isEmpty == true { return candidates }
        let found = try written(
            candidates, remaining, range, keepsText: false, limit: limit,
            pace: context.map { QueryPace($0, filters: remaining) })
        var passing = RowSet(count)
        for row in found.rows { passing.insert(row) }
        return passing
    }

    /// Where each line would end if they were written out one after the other.
    mutating func ends() throws -> [UInt32] { try selected(Array(0..<count), lengths: true).ends }

    /// The rows that may pass, nil for all, and the filters that must still be put to their lines.
    private mutating func candidates(
        _ filters: [LineFilter], among rows: RowSet?, limit: Int, context: LogQueryContext?
    ) throws -> (candidates: RowSet?, remaining: [LineFilter]) {
        var candidates = rows
        var remaining: [LineFilter] = []
        for filter in filters {
            guard let (found, isExact) = try self.rows(filter, among: candidates, limit: limit, context: context)
            else {
                remaining.append(filter)
                continue
            }
            if candidates == nil { candidates = found } else { candidates?.formIntersection(found) }
            if candidates?.isEmpty == true { break }
            if !isExact { remaining.append(filter) }
        }
        return (candidates, remaining)
    }

    /// The rows that a filter leaves, right for those of `wanted` (nil for all), and whether these are the ones that pass; nil when
    /// the block cannot tell.
    private mutating func rows(
        _ filter: LineFilter, among wanted: RowSet?, limit: Int, context: LogQueryContext?
    ) throws -> (rows: RowSet, isExact: Bool)? {
        let folded = filter.foldedTexts
        if filter.isPlainText || !folded.isEmpty, try !hasOtherForms(of: folded, among: wanted, limit: limit) {
            let found = try rows(
                containing: folded.isEmpty ? filter.texts : folded, isFolded: !folded.isEmpty, among: wanted,
                limit: limit, context: context)
            return (filter.operation.isNegative ? found.inverted : found, true)
        }
        if let found = try rows(matching: filter, among: wanted, limit: limit, context: context) { return found }
        let literals = filter.requiredLiterals
        return literals.isEmpty
            ? nil
            : (
                try rows(containing: literals, isFolded: false, among: wanted, limit: limit, context: context), false
            )
    }

    /// The rows of `wanted` that pass a filter for one of several regular expressions, and those of which only lines can tell; nil
    /// unless all of them have automata.
    private mutating func rows(
        matching filter: LineFilter, among wanted: RowSet?, limit: Int, context: LogQueryContext?
    ) throws -> (rows: RowSet, isExact: Bool)? {
        let automata = filter.automata
        guard !automata.isEmpty else { return nil }
        var matching = RowSet(count)
        var undecided = RowSet(count)
        for case (.regex(let regex), let automaton) in zip(filter.operands, automata) {
            try context?.check()
            let among = try rows(requiredBy: regex, among: wanted, limit: limit)
            if among?.isEmpty == true { continue }
            var found = try RegexSearch.rows(automaton, in: &self, among: among, limit: limit)
            if let among { found.undecided.formIntersection(among) }
            matching.formUnion(found.rows)
            undecided.formUnion(found.undecided)
        }
        undecided.subtract(matching)
        if filter.operation.isNegative { return (matching.inverted, undecided.isEmpty) }
        matching.formUnion(undecided)
        return (matching, undecided.isEmpty)
    }

    private static let shortestRequired = 3

    /// Those of `wanted`, nil for all, that have a text which is in all that the expression matches. Texts with digits would take a look
    /// at variables, and short ones are in too many lines.
    private mutating func rows(requiredBy regex: Regex, among wanted: RowSet?, limit: Int) throws -> RowSet? {
        let texts = regex.requiredLiteral.split { LineTokenizer.classes[Int($0)] == LineTokenizer.Class.digit }
        guard let text = texts.max(by: { $0.count < $1.count }), text.count >= Self.shortestRequired else {
            return wanted
        }
        var found = try rows(containing: [Array(text)], isFolded: false, among: wanted, limit: limit, context: nil)
        if let wanted { found.formIntersection(wanted) }
        return found
    }

    private mutating func rows(
        containing texts: [[UInt8]], isFolded: Bool, among wanted: RowSet?, limit: Int, context: LogQueryContext?
    ) throws -> RowSet {
        var found = RowSet(count)
        for text in texts {
            try context?.check()
            found.formUnion(
                try text.withUnsafeBytes {
                    try LineSearch.rows(
                        containing: $0, isFolded: isFolded, in: &self, among: wanted, limit: limit)
                })
        }
        return found
    }

    /// Whether any line has a letter that stands for s or k where case makes no difference, and is neither case of them.
    private mutating func hasOtherForms(of texts: [[UInt8]], among wanted: RowSet?, limit: Int) throws -> Bool {
        for (letter, form) in [(UInt8(ascii: "s"), "\u{17f}"), (UInt8(ascii: "k"), "\u{212a}")]
        where texts.contains(where: { $0.contains(letter) }) {
            if try !rows(containing: [Array(form.utf8)], isFolded: false, among: wanted, limit: limit, context: nil)
                .isEmpty
            {
                return true
            }
        }
        return false
    }

    /// Writes the candidates out, looks at each, and keeps those that pass.
    private mutating func written(
        _ candidates: RowSet?, _ filters: [LineFilter], _ range: Range<Int>, keepsText: Bool, limit: Int,
        pace: QueryPace?
    ) throws -> Selected {
        var pace = pace
        var result = Selected()
        var renderer = try LineRenderer(&self, limit: limit)
        if candidates == nil, keepsText { renderer.reserve(limit / max(1, count) * range.count) }
        var end: UInt32 = 0
        for row in 0..<range.upperBound {
            guard row >= range.lowerBound, candidates?.contains(row) ?? true else {
                renderer.skip()
                continue
            }
            let start = renderer.count
            try renderer.write()
            if !filters.isEmpty {
                let line = UnsafeRawBufferPointer(rebasing: renderer.bytes[start...])
                try pace?.pass(lineBytes: line.count)
                guard filters.allSatisfy({ $0.passes(line) }) else {
                    renderer.cut(to: start)
                    continue
                }
            }
            end += UInt32(renderer.count - start)
            result.rows.append(row)
            result.ends.append(end)
            if !keepsText { renderer.removeAll() }
        }
        if keepsText { result.lines = renderer.copy() }
        return result
    }

    /// Rows with the lengths of their lines, or without.
    private mutating func selected(_ rows: [Int], lengths: Bool) throws -> Selected {
        guard lengths else { return Selected(rows: rows, ends: [UInt32](repeating: 0, count: rows.count)) }
        let lengths = try LineLengths.all(of: &self)
        var result = Selected(rows: rows)
        result.ends.reserveCapacity(rows.count)
        var end = 0
        for row in rows {
            end += lengths[row]
            guard end <= BlockHeader.maxRawBytes else { throw LogStorageError.corruptBlock("its lines are too long") }
            result.ends.append(UInt32(end))
        }
        return result
    }
}
