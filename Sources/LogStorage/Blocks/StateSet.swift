import MartletCore

/// A set of states of an automaton, one bit each.
struct StateSet: Equatable {
    // A vector would go through memory for each state that is inserted, and wait there for the one before.
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt64 = 0
    private var fourth: UInt64 = 0

    init() {}

    init(_ state: RegexAutomaton.State) { insert(state) }

    var isEmpty: Bool { first | second | third | fourth == 0 }

    /// Its state, if it has just one.
    var only: RegexAutomaton.State? {
        let all = first | second | third | fourth
        guard all != 0, all & (all - 1) == 0 else { return nil }
        let place = RegexAutomaton.State(all.trailingZeroBitCount)
        switch (first, second, third, fourth) {
        case (all, 0, 0, 0): return place
        case (0, all, 0, 0): return place + 64
        case (0, 0, all, 0): return place + 128
        case (0, 0, 0, all): return place + 192
        default: return nil
        }
    }

    func contains(_ state: RegexAutomaton.State) -> Bool { StateSet(state).isSubset(of: self) }

    /// Whether all its states are in the other set.
    @inline(__always)
    func isSubset(of other: StateSet) -> Bool {
        first & ~other.first | second & ~other.second | third & ~other.third | fourth & ~other.fourth == 0
    }

    @inline(__always)
    mutating func insert(_ state: RegexAutomaton.State) {
        let bit: UInt64 = 1 << UInt64(state & 63)
        switch state >> 6 {
        case 0: first |= bit
        case 1: second |= bit
        case 2: third |= bit
        default: fourth |= bit
        }
    }

    mutating func remove(_ state: RegexAutomaton.State) {
        let removed = StateSet(state)
        first &= ~removed.first
        second &= ~removed.second
        third &= ~removed.third
        fourth &= ~removed.fourth
    }

    @inline(__always)
    mutating func formUnion(_ other: StateSet) {
        first |= other.first
        second |= other.second
        third |= other.third
        fourth |= other.fourth
    }

    /// Calls `body` with each state, ascending.
    @inline(__always)
    func forEach(_ body: (RegexAutomaton.State) -> Void) {
        Self.forEach(first, 0, body)
        Self.forEach(second, 64, body)
        Self.forEach(third, 128, body)
        Self.forEach(fourth, 192, body)
    }

    @inline(__always)
    private static func forEach(_ word: UInt64, _ place: UInt8, _ body: (RegexAutomaton.State) -> Void) {
        var word = word
        while word != 0 {
            body(place + RegexAutomaton.State(word.trailingZeroBitCount))
            word &= word - 1
        }
    }
}
