package import MartletCore

/// A filter on a line: `|= "a" or "b"`, `!~ "re"`, `|> "<_> error <_>"`, `|= ip("10.0.0.0/8")`.
package struct LineFilter: Sendable, Hashable {
    /// How the line is compared.
    package enum Operation: String, Sendable, Hashable {
        case contains = "|="
        case notContains = "!="
        case matches = "|~"
        case notMatches = "!~"
        case pattern = "|>"
        case notPattern = "!>"

        /// Whether lines that compare are dropped.
        package var isNegative: Bool { self == .notContains || self == .notMatches || self == .notPattern }
    }

    /// One alternative.
    package enum Operand: Sendable, Hashable {
        case text([UInt8])
        case regex(Regex)
        case pattern(LinePattern)
        case address(AddressMatcher)
    }

    /// How the line is compared.
    package let operation: Operation
    /// Any of these is enough to compare; at least one.
    package let operands: [Operand]

    /// A filter over at least one operand.
    package init(_ operation: Operation, _ operands: [Operand]) {
        self.operation = operation
        self.operands = operands
    }

    /// Whether the line passes.
    package func passes(_ line: UnsafeRawBufferPointer) -> Bool {
        for operand in operands where Self.compare(operand, line) { return !operation.isNegative }
        return operation.isNegative
    }

    private static func compare(_ operand: Operand, _ line: UnsafeRawBufferPointer) -> Bool {
        switch operand {
        case .text(let text): text.withUnsafeBytes { Bytes.find($0, in: line) != nil }
        case .regex(let regex): regex.matches(line)
        case .pattern(let pattern): pattern.matches(line)
        case .address(let matcher): matcher.findsAddress(in: line)
        }
    }

    /// Bytes that every passing line contains; empty when there are none.
    var requiredLiteral: [UInt8] {
        guard !operation.isNegative, operands.count == 1 else { return [] }
        switch operands[0] {
        case .text(let text): return text
        case .regex(let regex): return regex.requiredLiteral
        case .pattern(let pattern): return pattern.longestLiteral
        case .address: return []
        }
    }

    /// Texts of which every passing line contains one; none when nothing is known.
    package var requiredLiterals: [[UInt8]] {
        guard !operation.isNegative else { return [] }
        var literals: [[UInt8]] = []
        for operand in operands {
            switch operand {
            case .text(let text): literals.append(text)
            case .regex(let regex): literals.append(regex.requiredLiteral)
            case .pattern(let pattern): literals.append(pattern.longestLiteral)
            case .address: return []
            }
        }
        return literals.contains(where: \.isEmpty) ? [] : literals
    }

    /// What a byte of a line costs, about; see `QueryPace`.
    var cost: Int {
        operands.reduce(0) { sum, operand in
            if case .regex = operand { sum + QueryPace.regexCost } else { sum + 1 }
        }
    }

    /// The operands that are texts, or regular expressions that ask for no more than one.
    package var texts: [[UInt8]] {
        operands.compactMap { operand in
            switch operand {
            case .text(let text): text
            case .regex(let regex): regex.containedText
            case .pattern, .address: nil
            }
        }
    }

    /// Whether containing one of `texts`, or none, is all that the filter asks.
    package var isPlainText: Bool { texts.count == operands.count }

    /// The texts in small letters, when all operands ask for no more than texts in letters of any case; else none.
    package var foldedTexts: [[UInt8]] {
        var texts: [[UInt8]] = []
        for operand in operands {
            guard case .regex(let regex) = operand, let folded = regex.foldedTexts else { return [] }
            texts += folded
        }
        return texts
    }

    /// Automata of the operands, when all of them are regular expressions that have one; else none.
    package var automata: [RegexAutomaton] {
        let automata = operands.compactMap { operand in
            if case .regex(let regex) = operand { regex.automaton } else { nil }
        }
        return automata.count == operands.count ? automata : []
    }

    /// Whether containing `requiredLiteral` is all that the filter asks.
    private var isOneText: Bool { isPlainText && operands.count == 1 && !operation.isNegative }

    /// Appends to `rows` the entries of `range` whose lines pass all `filters`, ascending.
    ///
    /// A literal that every passing line must contain is searched for in the whole run of lines at once, and only the
    /// lines with a hit are looked at one by one. Throws when the query was cancelled or its time is over.
    package static func select(
        _ filters: [LineFilter], range: Range<Int>, lines: UnsafeRawBufferPointer,
        lineEnds: UnsafeBufferPointer<UInt32>, into rows: inout [UInt32], context: LogQueryContext
    ) throws(LogQueryError) {
        guard !range.isEmpty else { return }
        var pace = QueryPace(context, filters: filters)
        var driver: Int?
        for (index, filter) in filters.enumerated()
        where filter.requiredLiteral.count > (driver.map { filters[$0].requiredLiteral.count } ?? 0) {
            driver = index
        }
        guard let driver else {
            for row in range {
                let line = Self.line(row, lines, lineEnds)
                try pace.pass(lineBytes: line.count)
                if filters.allSatisfy({ $0.passes(line) }) { rows.append(UInt32(truncatingIfNeeded: row)) }
            }
            return
        }
        let literal = filters[driver].requiredLiteral
        let rest = filters.indices.filter { $0 != driver || !filters[driver].isOneText }.map { filters[$0] }
        try literal.withUnsafeBufferPointer { (literal) throws(LogQueryError) in
            let needle = UnsafeRawBufferPointer(literal)
            let end = Int(lineEnds[range.upperBound - 1])
            var row = range.lowerBound
            var position = row == 0 ? 0 : Int(lineEnds[row - 1])
            while position < end {
                let haystack = UnsafeRawBufferPointer(rebasing: lines[position..<end])
                guard let found = Bytes.find(needle, in: haystack) else { return }
                let hit = position + found
                while Int(lineEnds[row]) <= hit { row += 1 }
                let lineEnd = Int(lineEnds[row])
                if hit + needle.count > lineEnd {
                    // The literal reaches into the next line: no hit, but one may begin inside it.
                    position = hit + 1
                    continue
                }
                let line = Self.line(row, lines, lineEnds)
                try pace.pass(lineBytes: line.count)
                if rest.allSatisfy({ $0.passes(line) }) { rows.append(UInt32(truncatingIfNeeded: row)) }
                position = lineEnd
                row += 1
            }
        }
    }

    private static func line(
        _ row: Int, _ lines: UnsafeRawBufferPointer, _ ends: UnsafeBufferPointer<UInt32>
    ) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: lines[(row == 0 ? 0 : Int(ends[row - 1]))..<Int(ends[row])])
    }
}
