import MartletCore

/// Finds the lines of a block that contain a text, without writing the lines out where that is not needed.
///
/// An occurrence lies in a piece of the line's template, or in one variable, or reaches over the border of the two. The
/// first is a search in the templates' texts, the second one in columns. For the third, what a variable's bytes can be is
/// held against the text: most templates are ruled out so; the lines of those that are not are written out and searched.
struct LineSearch {
    /// What is known of the lines of a template.
    private enum Verdict: UInt8 {
        /// None has the text but for those that have it in a variable.
        case variables
        /// All have it.
        case all
        /// It may reach over a border in some.
        case borders
    }

    private let needle: Needle

    /// The lines of which it matters whether they have it; nil for all.
    private let wanted: RowSet?

    private init(_ needle: Needle, among wanted: RowSet?) {
        self.needle = needle
        self.wanted = wanted
    }

    /// The lines of `block` that contain `text`, or `text` in letters of any case where it is folded; right for
    /// those of `wanted`, or all where that is nil. `limit` is how many bytes its lines have.
    static func rows(
        containing text: UnsafeRawBufferPointer, isFolded: Bool, in block: inout LineBlock, among wanted: RowSet?,
        limit: Int
    ) throws -> RowSet {
        guard !text.isEmpty else { return RowSet(block.count, all: true) }
        return try LineSearch(Needle(text, isFolded: isFolded), among: wanted).rows(&block, limit: limit)
    }

    private func rows(_ block: inout LineBlock, limit: Int) throws -> RowSet {
        let text = try block.text()
        var verdicts = [Verdict](repeating: .variables, count: block.templateCount)
        if needle.hasMark {
            verdicts = [Verdict](repeating: .borders, count: block.templateCount)
        } else {
            findInPieces(text, block, &verdicts)
            let isTouched = Needle.Alphabet.allCases.map { needle.touches($0) }
            let alphabets = (0..<block.columnCount).map { Needle.Alphabet(block.descriptor($0).kind) }
            if needle.reachesOverBorders, alphabets.contains(where: { isTouched[$0.rawValue] }) {
                for template in verdicts.indices where verdicts[template] == .variables {
                    var border = Border(
                        needle: needle, text: text, block: block, template: template, alphabets: alphabets)
                    if border.isPossible() { verdicts[template] = .borders }
                }
            }
        }
        var inColumns: [RowSet?] = []
        if !needle.hasMark {
            inColumns = try (0..<block.columnCount).map { index -> RowSet? in
                guard needle.fits(Needle.Alphabet(block.descriptor(index).kind)) else { return nil }
                let found = try ColumnSearch.places(of: needle, in: block.column(index))
                return found.isEmpty ? nil : found
            }
        }
        return try collect(&block, verdicts, inColumns, limit: limit)
    }

    private func findInPieces(_ text: TemplateText, _ block: LineBlock, _ verdicts: inout [Verdict]) {
        let all = text.bytes
        var at = 0
        var template = 0
        while at < all.count {
            guard let found = needle.find(in: UnsafeRawBufferPointer(rebasing: all[at...])) else { return }
            // The mark ends each piece and is not in the needle, so an occurrence lies in one piece.
            while Self.end(template, text, block) <= at + found { template += 1 }
            verdicts[template] = .all
            at = Self.end(template, text, block)
            template += 1
        }
    }

    /// Where a template's text ends.
    private static func end(_ template: Int, _ text: TemplateText, _ block: LineBlock) -> Int {
        Int(text.pieces[block.firstSlots[template + 1] + template + 1])
    }

    private func collect(
        _ block: inout LineBlock, _ verdicts: [Verdict], _ inColumns: [RowSet?], limit: Int
    ) throws -> RowSet {
        var rows = RowSet(block.count)
        let hasColumns = inColumns.contains { $0 != nil }
        guard hasColumns || verdicts.contains(where: { $0 != .variables }) else { return rows }
        guard hasColumns || verdicts.contains(.borders) else {
            for (row, number) in try block.numbers().enumerated() where verdicts[Int(number)] == .all {
                rows.insert(row)
            }
            return rows
        }
        if verdicts.contains(.borders) {
            var renderer = try LineRenderer(&block, limit: limit)
            for row in 0..<block.count {
                switch verdicts[renderer.template] {
                case .all:
                    rows.insert(row)
                    renderer.skip()
                case .borders where wanted.map({ !$0.contains(row) }) ?? false: renderer.skip()
                case .borders:
                    renderer.removeAll()
                    try renderer.write()
                    if needle.find(in: renderer.bytes) != nil { rows.insert(row) }
                case .variables: renderer.skip()
                }
            }
        }
        if hasColumns || verdicts.contains(.all) { try collectVariables(&block, verdicts, inColumns, &rows) }
        return rows
    }

    private func collectVariables(
        _ block: inout LineBlock, _ verdicts: [Verdict], _ inColumns: [RowSet?], _ rows: inout RowSet
    ) throws {
        var next = [Int](repeating: 0, count: block.columnCount)
        let slots = block.slots
        let firstSlots = block.firstSlots
        for (row, number) in try block.numbers().enumerated() {
            let template = Int(number)
            var isIn = verdicts[template] == .all
            for slot in firstSlots[template]..<firstSlots[template + 1] {
                let column = Int(slots[slot])
                if let found = inColumns[column], found.contains(next[column]) { isIn = true }
                next[column] += 1
            }
            if isIn { rows.insert(row) }
        }
    }
}
