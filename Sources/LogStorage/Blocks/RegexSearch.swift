import MartletCore

/// Finds the lines of a block that a regular expression matches, of which no more is looked at than makes a difference.
enum RegexSearch {
    /// What was found.
    struct Found {
        /// Lines that match.
        var rows: RowSet
        /// Lines of which only the line itself tells.
        var undecided: RowSet
    }

    /// The lines of `block`; right for those of `wanted`, or all where that is nil. `limit` is how many bytes its lines have.
    static func rows(
        _ automaton: RegexAutomaton, in block: inout LineBlock, among wanted: RowSet?, limit: Int
    ) throws -> Found {
        var wantedTemplates: [Bool]?
        if let wanted {
            var templates = [Bool](repeating: false, count: block.templateCount)
            let numbers = try block.numbers()
            wanted.forEach(in: 0..<block.count) { templates[Int(numbers[$0])] = true }
            wantedTemplates = templates
        }
        let plan = RegexPlan(automaton, block, try block.text(), wanted: wantedTemplates, limit: limit)
        var found = Found(rows: RowSet(block.count), undecided: RowSet(block.count))
        if !plan.verdicts.contains(where: { $0 != .none }) { return found }
        let numbers = try block.numbers()
        for (row, number) in numbers.enumerated() {
            switch plan.verdicts[Int(number)] {
            case .all: found.rows.insert(row)
            case .undecided: found.undecided.insert(row)
            case .none, .variables: break
            }
        }
        if plan.verdicts.contains(.variables) {
            let walk = try VariableWalk(automaton, plan, &block)
            walk.collect(numbers, among: wanted, into: &found.rows)
        }
        return found
    }
}

/// Walks the lines of a block over the columns that a plan looks at.
private struct VariableWalk: ~Copyable {
    private struct Step {
        let column: Int
        let look: RegexPlan.Look
        /// What stands behind the variable.
        let piece: UnsafeRawBufferPointer
    }

    private let automaton: RegexAutomaton
    private let verdicts: [RegexPlan.Verdict]
    private let text: TemplateText
    private let columns: [VariableColumn?]
    /// Those of all templates, one template after the other.
    private var steps: [Step] = []
    /// Where each template's steps begin, and after the last, their number.
    private var firstSteps = [0]
    /// Whether the last step of a template leads to the end of its lines.
    private var reachesEnd: [Bool] = []
    private let scratch: UnsafeMutableRawPointer
    /// The states behind each step's piece, by the states before it, as far as they are known; nil where that would be too many.
    private let behind: UnsafeMutablePointer<RegexAutomaton.State>?
    private static let mostBehind = 1 << 20
    /// Shorter pieces are gone over anew.
    private static let shortestKept = 4

    init(_ automaton: RegexAutomaton, _ plan: RegexPlan, _ block: inout LineBlock) throws {
        let text = try block.text()
        var columns = [VariableColumn?](repeating: nil, count: block.columnCount)
        for (slot, look) in plan.looks.enumerated() where look != .skip {
            let column = Int(block.slots[slot])
            if columns[column] == nil { columns[column] = try block.column(column) }
        }
        for template in 0..<block.templateCount {
            for slot in block.firstSlots[template]..<block.firstSlots[template + 1] {
                let column = Int(block.slots[slot])
                guard columns[column] != nil else { continue }
                steps.append(
                    Step(column: column, look: plan.looks[slot], piece: text.piece(slot + 1 + template)))
            }
            firstSteps.append(steps.count)
            let end = block.firstSlots[template + 1]
            reachesEnd.append(end > block.firstSlots[template] && plan.looks[end - 1] != .skip)
        }
        self.automaton = automaton
        self.text = text
        self.columns = columns
        verdicts = plan.verdicts
        let longest = columns.reduce(DigitText.maxDigits) { max($0, $1?.maxLength ?? 0) }
        scratch = .allocate(byteCount: longest + RawMemory.slack * 2, alignment: 16)
        let size = steps.count * automaton.stateCount
        behind = size <= Self.mostBehind ? .allocate(capacity: size) : nil
        behind?.initialize(repeating: RegexAutomaton.none, count: size)
    }

    deinit {
        scratch.deallocate()
        behind?.deallocate()
    }

    func collect(_ numbers: [UInt32], among wanted: RowSet?, into rows: inout RowSet) {
        // Each column's next variable.
        var next = [Int](repeating: 0, count: columns.count)
        let shapes = columns.map { $0?.shape }
        for (row, number) in numbers.enumerated() {
            let template = Int(number)
            let steps = firstSteps[template]..<firstSteps[template + 1]
            guard verdicts[template] == .variables, wanted?.contains(row) ?? true else {
                for step in steps { next[self.steps[step].column] += 1 }
                continue
            }
            let state = state(behind: steps, shapes, &next)
            if state == RegexAutomaton.matching || reachesEnd[template] && automaton.matches(at: state) {
                rows.insert(row)
            }
        }
    }

    /// The state behind the last variable of a line that is looked at, or the one in which it was found to match.
    private func state(
        behind range: Range<Int>, _ shapes: [VariableColumn.Shape?], _ next: inout [Int]
    ) -> RegexAutomaton.State {
        var state = RegexAutomaton.undecided
        for place in range {
            let step = steps[place]
            let variable = next[step.column]
            next[step.column] += 1
            switch step.look {
            case .skip: continue
            case .begin(let known): if state != RegexAutomaton.matching { state = known }
            case .goOn: break
            }
            guard state != RegexAutomaton.matching, let shape = shapes[step.column] else { continue }
            state = automaton.state(after: bytes(of: variable, shape), from: state)
            state = self.state(behindPieceOf: place, from: state)
        }
        return state
    }

    private func state(behindPieceOf place: Int, from state: RegexAutomaton.State) -> RegexAutomaton.State {
        let piece = steps[place].piece
        guard piece.count >= Self.shortestKept, let behind else {
            return automaton.state(after: piece, from: state)
        }
        let known = behind + (place * automaton.stateCount + Int(state))
        if known.pointee == RegexAutomaton.none { known.pointee = automaton.state(after: piece, from: state) }
        return known.pointee
    }

    /// A variable's text; valid until the next one.
    private func bytes(of variable: Int, _ shape: VariableColumn.Shape) -> UnsafeRawBufferPointer {
        if case .text(let text, let ends, let numbers) = shape {
            let place = numbers.map { Int($0[variable]) } ?? variable
            let start = Int(ends[place])
            return UnsafeRawBufferPointer(start: text + start, count: Int(ends[place + 1]) - start)
        }
        return UnsafeRawBufferPointer(start: scratch, count: shape.write(variable, to: scratch))
    }
}
