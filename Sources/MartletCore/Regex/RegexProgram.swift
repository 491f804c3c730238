/// An expression as steps that read one character, ask for something between two, or go on in two ways: a nondeterministic automaton.
struct RegexProgram {
    enum Step {
        case read(ASCIISet, next: Int)
        case ask(RegexTree.Assertion, next: Int)
        case either(Int, Int)
        case match
    }

    /// What stands before or behind a place in a text, as far as assertions tell it apart.
    enum Neighbour: UInt8 {
        /// The text's begin or end.
        case edge
        case newline
        case word
        case other

        init(_ byte: UInt8) {
            self = byte == 10 ? .newline : ASCIISet.word.contains(byte) ? .word : .other
        }
    }

    private static let mostSteps = 1000

    private(set) var steps: [Step] = [.match]
    private(set) var start = 0
    private(set) var asksForLines = false
    private(set) var asksForWords = false
    private(set) var asksForEdges = false

    /// Nil when it would have too many steps.
    init?(_ tree: RegexTree) {
        guard let start = add(tree, before: 0) else { return nil }
        self.start = start
    }

    private mutating func add(_ step: Step) -> Int? {
        guard steps.count < Self.mostSteps else { return nil }
        steps.append(step)
        return steps.count - 1
    }

    /// Adds the steps of a tree, behind which it goes on at `next`; the first of them.
    private mutating func add(_ tree: RegexTree, before next: Int) -> Int? {
        switch tree {
        case .characters(let set): return add(.read(set, next: next))
        case .assertion(let assertion):
            switch assertion {
            case .textBegin, .textEnd: asksForEdges = true
            case .lineBegin, .lineEnd: (asksForEdges, asksForLines) = (true, true)
            case .wordBoundary, .noWordBoundary: asksForWords = true
            }
            return add(.ask(assertion, next: next))
        case .sequence(let parts):
            var place = next
            for part in parts.reversed() {
                guard let first = add(part, before: place) else { return nil }
                place = first
            }
            return place
        case .alternatives(let branches):
            var place: Int?
            for branch in branches.reversed() {
                guard let first = add(branch, before: next) else { return nil }
                guard let others = place else {
                    place = first
                    continue
                }
                guard let both = add(.either(first, others)) else { return nil }
                place = both
            }
            return place
        case .repetition(let inner, let least, let most): return addRepetition(inner, least, most, before: next)
        }
    }

    private mutating func addRepetition(_ inner: RegexTree, _ least: Int, _ most: Int?, before next: Int) -> Int? {
        var place = next
        var fixed = least
        if let most {
            for _ in least..<most {
                guard let first = add(inner, before: place), let both = add(.either(first, next)) else { return nil }
                place = both
            }
        } else {
            guard let loop = add(.either(next, next)), let first = add(inner, before: loop) else { return nil }
            steps[loop] = .either(first, next)
            // Whoever asks for one at least has been through it once.
            place = least > 0 ? first : loop
            fixed = max(0, least - 1)
        }
        for _ in 0..<fixed {
            guard let first = add(inner, before: place) else { return nil }
            place = first
        }
        return place
    }

    /// Whether an assertion holds between two neighbours.
    static func holds(_ assertion: RegexTree.Assertion, _ before: Neighbour, _ behind: Neighbour) -> Bool {
        switch assertion {
        case .textBegin: before == .edge
        case .textEnd: behind == .edge
        case .lineBegin: before == .edge || before == .newline
        case .lineEnd: behind == .edge || behind == .newline
        case .wordBoundary: (before == .word) != (behind == .word)
        case .noWordBoundary: (before == .word) == (behind == .word)
        }
    }
}
