/// A fixed number of truth values, 64 to a word.
package struct Bitmap: Sendable, Equatable {
    /// The words; bits behind `count` are zero.
    package private(set) var words: [UInt64]
    /// The number of truth values.
    package let count: Int

    /// `count` times the same value.
    package init(count: Int, repeating value: Bool = false) {
        self.count = count
        words = [UInt64](repeating: value ? .max : 0, count: (count + 63) / 64)
        if value { clearTail() }
    }

    /// The verdicts of `body` for 0 ..< count.
    package init(count: Int, where body: (Int) -> Bool) {
        self.init(count: count)
        for word in words.indices {
            var bits: UInt64 = 0
            let first = word * 64
            for bit in 0..<min(64, count - first) where body(first + bit) { bits |= 1 << UInt64(bit) }
            words[word] = bits
        }
    }

    /// The truth value at `index`.
    package subscript(index: Int) -> Bool {
        get { words[index >> 6] >> UInt64(index & 63) & 1 != 0 }
        set {
            let mask: UInt64 = 1 << UInt64(index & 63)
            if newValue { words[index >> 6] |= mask } else { words[index >> 6] &= ~mask }
        }
    }

    /// Whether no value is true.
    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// How many values are true.
    package var population: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Keeps what is true in both.
    package mutating func formIntersection(_ other: Bitmap) {
        for word in words.indices { words[word] &= other.words[word] }
    }

    /// Adds what is true in the other.
    package mutating func formUnion(_ other: Bitmap) {
        for word in words.indices { words[word] |= other.words[word] }
    }

    /// Removes what is true in the other.
    package mutating func subtract(_ other: Bitmap) {
        for word in words.indices { words[word] &= ~other.words[word] }
    }

    /// Turns every value around.
    package mutating func invert() {
        for word in words.indices { words[word] = ~words[word] }
        clearTail()
    }

    /// Calls `body` with the index of every true value, upwards.
    package func forEach(_ body: (Int) -> Void) {
        for word in words.indices {
            var bits = words[word]
            while bits != 0 {
                body(word * 64 + bits.trailingZeroBitCount)
                bits &= bits - 1
            }
        }
    }

    private mutating func clearTail() {
        let rest = count & 63
        if rest != 0 { words[words.count - 1] &= (1 << UInt64(rest)) - 1 }
    }
}
