import MartletCore

/// A set of states of an automaton, one bit each.
struct StateSet: Equatable {
    private var words = SIMD4<UInt64>()

    init() {}

    init(_ state: RegexAutomaton.State) { insert(state) }

    var isEmpty: Bool { words == SIMD4() }

    /// Its state, if it has just one.
    var only: RegexAutomaton.State? {
        var found: RegexAutomaton.State?
        for index in 0..<4 where words[index] != 0 {
            guard found == nil, words[index] & (words[index] - 1) == 0 else { return nil }
            found = RegexAutomaton.State(index << 6 + words[index].trailingZeroBitCount)
        }
        return found
    }

    func contains(_ state: RegexAutomaton.State) -> Bool {
        words[Int(state) >> 6] & 1 << UInt64(state & 63) != 0
    }

    /// Whether all its states are in the other set.
    func isSubset(of other: StateSet) -> Bool { words & ~other.words == SIMD4() }

    mutating func insert(_ state: RegexAutomaton.State) { words[Int(state) >> 6] |= 1 << UInt64(state & 63) }

    mutating func remove(_ state: RegexAutomaton.State) { words[Int(state) >> 6] &= ~(1 << UInt64(state & 63)) }

    mutating func formUnion(_ other: StateSet) { words |= other.words }

    /// Calls `body` with each state, ascending.
    @inline(__always)
    func forEach(_ body: (RegexAutomaton.State) -> Void) {
        for index in 0..<4 {
            var word = words[index]
            while word != 0 {
                body(RegexAutomaton.State(index << 6 + word.trailingZeroBitCount))
                word &= word - 1
            }
        }
    }
}
