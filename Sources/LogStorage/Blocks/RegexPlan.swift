import MartletCore

/// What can be told of a regular expression and the lines of each template of a block without looking at any variable, and
/// which variables must be looked at for the rest.
///
/// A template's text is gone through with the states that an automaton may be in: one at first, and behind a variable all those
/// that its kind of bytes, and as many of them, can lead to. As a rule the text behind leads all of these to one and the same.
/// Between two places with one state each, variables matter only if the expression may match on the way.
struct RegexPlan {
    enum Verdict: UInt8 {
        /// It matches no line of the template.
        case none
        /// It matches all.
        case all
        /// Variables decide.
        case variables
        /// There is something in the text that is not ASCII, or it would take too much to find out.
        case undecided
    }

    /// What is to be done with a variable.
    enum Look: Equatable {
        /// Nothing: it makes no difference.
        case skip
        /// The automaton goes over it and the text behind it, from this state.
        case begin(RegexAutomaton.State)
        /// The automaton goes on over it and the text behind it.
        case goOn
    }

    /// By template.
    private(set) var verdicts: [Verdict] = []
    /// By slot of the block; only of templates of which variables decide there is one that is not skipped.
    private(set) var looks: [Look]

    private let automaton: RegexAutomaton
    private let block: LineBlock
    private let text: TemplateText
    /// What the variables of each column can be, as a number.
    private var kinds: [Int] = []
    private var alphabets: [VariableBytes] = []
    /// What variables of a kind lead to from a state, by both.
    private var known: [StateSet?]
    /// By byte of ASCII: the states that it leads to themselves.
    private lazy var staying = Self.staying(automaton)
    /// Steps from several states that may still be made.
    private var left: Int
    /// A small block's lines cost more than their bytes.
    private static let fewestSteps = 1 << 14

    /// Goes through the templates that are wanted, or all where that is nil; of the others nothing is said. Makes about as many
    /// steps as the lines have bytes, `limit`, at most: an automaton whose many states stay apart costs no more than the lines would.
    init(_ automaton: RegexAutomaton, _ block: LineBlock, _ text: TemplateText, wanted: [Bool]?, limit: Int) {
        left = max(limit, Self.fewestSteps)
        self.automaton = automaton
        self.block = block
        self.text = text
        looks = [Look](repeating: .skip, count: block.slots.count)
        known = []
        var places: [VariableBytes: Int] = [:]
        for column in 0..<block.columnCount {
            let bytes = VariableBytes(block.descriptor(column))
            let place = places[bytes] ?? alphabets.count
            if place == alphabets.count {
                places[bytes] = place
                alphabets.append(bytes)
            }
            kinds.append(place)
        }
        known = [StateSet?](repeating: nil, count: alphabets.count * automaton.stateCount)
        verdicts.reserveCapacity(block.templateCount)
        for template in 0..<block.templateCount {
            let verdict = wanted?[template] ?? true ? verdict(template) : .none
            if verdict != .variables {
                for slot in block.firstSlots[template]..<block.firstSlots[template + 1] { looks[slot] = .skip }
            }
            verdicts.append(verdict)
        }
    }

    private mutating func verdict(_ template: Int) -> Verdict {
        let first = block.firstSlots[template]
        let end = block.firstSlots[template + 1]
        // The state at the last place where it is known, the slot behind that place, and whether the expression may match since.
        var state = automaton.state(after: text.piece(first + template), from: automaton.start)
        var place = first
        var mayMatch = false
        if state == RegexAutomaton.matching { return .all }
        if state == RegexAutomaton.undecided { return .undecided }
        var verdict = Verdict.none
        var states = StateSet(state)
        for slot in first..<end {
            states = self.states(
                behind: text.piece(slot + 1 + template), from: reached(states, kinds[Int(block.slots[slot])]))
            if left < 0 || states.contains(RegexAutomaton.undecided) { return .undecided }
            if states.contains(RegexAutomaton.matching) {
                mayMatch = true
                states.remove(RegexAutomaton.matching)
                // Whatever the variables are, it matches here if it has not before.
                if states.isEmpty { return .all }
            }
            guard let only = states.only else { continue }
            if mayMatch {
                look(from: place, to: slot + 1, state)
                verdict = .variables
            }
            (state, place, mayMatch) = (only, slot + 1, false)
        }
        var atEnd = (some: false, all: true)
        states.forEach { state in
            if automaton.matches(at: state) { atEnd.some = true } else { atEnd.all = false }
        }
        if atEnd.all { return .all }
        if mayMatch || atEnd.some {
            look(from: place, to: end, state)
            verdict = .variables
        }
        return verdict
    }

    private mutating func look(from first: Int, to end: Int, _ state: RegexAutomaton.State) {
        for slot in first..<end { looks[slot] = slot == first ? .begin(state) : .goOn }
    }

    /// The states behind a text.
    private mutating func states(behind piece: UnsafeRawBufferPointer, from states: StateSet) -> StateSet {
        var states = states
        for place in piece.indices {
            if let only = states.only {
                let rest = UnsafeRawBufferPointer(rebasing: piece[place...])
                return StateSet(automaton.state(after: rest, from: only))
            }
            let byte = piece[place]
            if byte < 128, states.isSubset(of: staying[Int(byte)]) { continue }
            var next = StateSet()
            states.forEach {
                next.insert(automaton.state(after: byte, from: $0))
                left -= 1
            }
            states = next
        }
        return states
    }

    private static func staying(_ automaton: RegexAutomaton) -> [StateSet] {
        (UInt8(0)..<128).map { byte in
            var states = StateSet()
            for state in 0..<automaton.stateCount {
                let state = RegexAutomaton.State(state)
                if automaton.state(after: byte, from: state) == state { states.insert(state) }
            }
            return states
        }
    }

    /// The states behind a variable of a kind.
    private mutating func reached(_ states: StateSet, _ kind: Int) -> StateSet {
        var reached = StateSet()
        states.forEach { state in
            let key = kind * automaton.stateCount + Int(state)
            left -= 1
            let behind = known[key] ?? alphabets[kind].states(from: state, automaton, left: &left)
            known[key] = behind
            reached.formUnion(behind)
        }
        return reached
    }
}

/// What the variables of a column can be, as far as its kind tells.
private struct VariableBytes: Hashable {
    /// Longer ones are taken for texts of at least so many bytes.
    private static let mostCounted = 64

    private let alphabet: Needle.Alphabet
    private let least: Int
    /// Nil where nothing is known.
    private let most: Int?

    init(_ descriptor: VariableColumn.Descriptor) {
        alphabet = Needle.Alphabet(descriptor.kind)
        let lengths = descriptor.lengths
        least = min(lengths.least, Self.mostCounted)
        most = lengths.most.flatMap { $0 > Self.mostCounted ? nil : $0 }
    }

    /// The states that variables may lead to, or some of them when more than `left` steps are needed.
    func states(from state: RegexAutomaton.State, _ automaton: RegexAutomaton, left: inout Int) -> StateSet {
        let bytes = alphabet.bytes
        var states = StateSet(state)
        var reached = StateSet()
        var length = 0
        while left >= 0, length < most ?? .max {
            var next = StateSet()
            states.forEach { state in
                for byte in bytes { next.insert(automaton.state(after: byte, from: state)) }
                left -= bytes.count
            }
            states = next
            length += 1
            guard length >= least else { continue }
            // What is reached from here on was reached before.
            if states.isSubset(of: reached) { break }
            reached.formUnion(states)
        }
        return reached
    }
}
