/// Whether an expression matches somewhere in a text of ASCII, as a table of states: what a text leads to can be worked out part by
/// part, and remembered.
///
/// A state stands for all that matters of the text so far. Nothing in it changes, so threads share it freely.
package final class RegexAutomaton: @unchecked Sendable {
    // Sendable holds because the tables are never written after the initialiser.
    /// A state's number.
    package typealias State = UInt8

    /// The expression matches, whatever follows.
    package static let matching: State = 0
    /// Something that is not ASCII was in the text: nobody knows here.
    package static let undecided: State = 1
    /// The first state that depends on what follows.
    private static let firstOpen: State = 2
    /// No state has this number.
    package static let none = State.max
    /// Steps of programs that are looked at to make the table. Expressions that need more have as a rule too many states.
    private static let mostWork = 100_000

    /// Before the text.
    package let start: State
    /// States in all.
    package let stateCount: Int
    /// By state and byte.
    private let table: UnsafePointer<State>
    private let matchesAtEnd: UnsafePointer<Bool>

    /// Nil where the expression, which is known to compile, has something that is not understood here, or too many states.
    init?(_ pattern: String, dotMatchesNewline: Bool) {
        guard let tree = RegexTree.parse(pattern, dotMatchesNewline: dotMatchesNewline),
            let program = RegexProgram(tree)
        else { return nil }
        var builder = Builder(program)
        guard builder.build(within: Self.mostWork) else { return nil }
        start = builder.start
        stateCount = builder.matchesAtEnd.count
        let table = UnsafeMutablePointer<State>.allocate(capacity: stateCount << 8)
        let matchesAtEnd = UnsafeMutablePointer<Bool>.allocate(capacity: stateCount)
        for state in 0..<stateCount {
            for byte in 0..<256 {
                (table + (state << 8 | byte)).initialize(
                    to: builder.table[state << builder.shift | Int(builder.classes[byte])])
            }
            (matchesAtEnd + state).initialize(to: builder.matchesAtEnd[state])
        }
        self.table = UnsafePointer(table)
        self.matchesAtEnd = UnsafePointer(matchesAtEnd)
    }

    deinit {
        table.deallocate()
        matchesAtEnd.deallocate()
    }

    /// The state behind a byte.
    @inline(__always)
    package func state(after byte: UInt8, from state: State) -> State {
        table[Int(state) << 8 | Int(byte)]
    }

    /// The state behind a text.
    package func state(after text: UnsafeRawBufferPointer, from state: State) -> State {
        let table = table
        var state = state
        for byte in text {
            guard state >= Self.firstOpen else { break }
            state = table[Int(state) << 8 | Int(byte)]
        }
        return state
    }

    /// Whether the expression matches a text that ends in a state which is not `undecided`.
    @inline(__always)
    package func matches(at state: State) -> Bool { matchesAtEnd[Int(state)] }

    /// Whether the expression matches somewhere in the text; nil where it is not all ASCII, as far as that matters.
    package func matches(_ text: UnsafeRawBufferPointer) -> Bool? {
        let end = state(after: text, from: start)
        return end == Self.undecided ? nil : matches(at: end)
    }
}

/// Makes the states that a program can be in.
private struct Builder {
    typealias State = RegexAutomaton.State
    typealias Neighbour = RegexProgram.Neighbour

    /// What a state stands for: steps of which each may be the next, ascending, and what stands before them.
    private struct Position: Hashable {
        var steps: [Int]
        var before: Neighbour
    }

    private let program: RegexProgram
    private(set) var start: State = 0
    private(set) var table: [State] = []
    private(set) var shift = 0
    private(set) var classes = [UInt8](repeating: 0, count: 256)
    private(set) var matchesAtEnd: [Bool] = []
    /// A byte of each class of ASCII; one more class is all the rest.
    private var samples: [UInt8] = []
    private var places: [Position: State] = [:]
    private var positions: [Position] = []
    private var work = 0
    /// What a state costs for each byte besides the steps that are looked at.
    private static let targetWork = 8
    /// Marks steps that were seen in a walk; see `closure`.
    private var seen: [Int]
    private var walk = 0

    init(_ program: RegexProgram) {
        self.program = program
        seen = [Int](repeating: 0, count: program.steps.count)
        makeClasses()
    }

    private mutating func makeClasses() {
        var sets = Set<ASCIISet>()
        for case .read(let set, _) in program.steps { sets.insert(set) }
        if program.asksForLines { sets.insert(.newline) }
        if program.asksForWords { sets.insert(.word) }
        var found: [[Bool]: UInt8] = [:]
        for byte in UInt8(0)..<128 {
            let kind = sets.map { $0.contains(byte) }
            if found[kind] == nil {
                found[kind] = UInt8(samples.count)
                samples.append(byte)
            }
            classes[Int(byte)] = found[kind] ?? 0
        }
        for byte in 128..<256 { classes[byte] = UInt8(samples.count) }
        while 1 << shift <= samples.count { shift += 1 }
    }

    /// False when it takes more work than that, or has more states than there are numbers.
    mutating func build(within mostWork: Int) -> Bool {
        for fixed in [RegexAutomaton.matching, RegexAutomaton.undecided] {
            table += [State](repeating: fixed, count: 1 << shift)
            matchesAtEnd.append(fixed == RegexAutomaton.matching)
            positions.append(Position(steps: [], before: .edge))
        }
        start = state(of: Position(steps: closure([program.start]), before: .edge)) ?? 0
        var next = Int(RegexAutomaton.undecided) + 1
        while next < positions.count {
            let position = positions[next]
            for (place, sample) in samples.enumerated() {
                guard work < mostWork, let target = target(of: position, sample) else { return false }
                table[next << shift | place] = target
            }
            // What is not ASCII is no word and no newline; behind it, all is open.
            if isMatch(position, behind: .other) {
                table[next << shift | samples.count] = RegexAutomaton.matching
            }
            matchesAtEnd[next] = isMatch(position, behind: .edge)
            next += 1
        }
        return true
    }

    /// The number of a state, which is made if there is none; nil when there is no number left.
    private mutating func state(of position: Position) -> State? {
        if position.steps.contains(where: { if case .match = program.steps[$0] { true } else { false } }) {
            return RegexAutomaton.matching
        }
        if let place = places[position] { return place }
        guard positions.count < Int(RegexAutomaton.none) else { return nil }
        let number = State(positions.count)
        places[position] = number
        positions.append(position)
        table += [State](repeating: RegexAutomaton.undecided, count: 1 << shift)
        matchesAtEnd.append(false)
        return number
    }

    private mutating func target(of position: Position, _ byte: UInt8) -> State? {
        let steps = asked(position, behind: Neighbour(byte))
        var read: [Int] = [program.start]
        work += Self.targetWork
        for step in steps {
            switch program.steps[step] {
            case .match: return RegexAutomaton.matching
            case .read(let set, let next) where set.contains(byte): read.append(next)
            default: break
            }
        }
        return state(of: Position(steps: closure(read), before: neighbour(byte)))
    }

    /// A byte as the one before: what no assertion tells apart is one.
    private func neighbour(_ byte: UInt8) -> Neighbour {
        switch Neighbour(byte) {
        case .newline where program.asksForLines: .newline
        case .word where program.asksForWords: .word
        default: .other
        }
    }

    private mutating func isMatch(_ position: Position, behind: Neighbour) -> Bool {
        asked(position, behind: behind).contains { if case .match = program.steps[$0] { true } else { false } }
    }

    /// The steps that may be next where `behind` stands behind: those behind assertions that hold, too.
    private mutating func asked(_ position: Position, behind: Neighbour) -> [Int] {
        guard program.asksForEdges || program.asksForWords else {
            work += position.steps.count
            return position.steps
        }
        return closure(position.steps) { RegexProgram.holds($0, position.before, behind) }
    }

    /// Steps and all that is reached from them without reading, ascending, through assertions that hold.
    private mutating func closure(
        _ steps: [Int], where holds: (RegexTree.Assertion) -> Bool = { _ in false }
    ) -> [Int] {
        walk += 1
        var open = steps
        var found: [Int] = []
        while let step = open.popLast() {
            guard seen[step] != walk else { continue }
            seen[step] = walk
            work += 1
            switch program.steps[step] {
            case .read, .match: found.append(step)
            case .either(let first, let second): open += [second, first]
            case .ask(let assertion, let next):
                found.append(step)
                if holds(assertion) { open.append(next) }
            }
        }
        return found.sorted()
    }
}
