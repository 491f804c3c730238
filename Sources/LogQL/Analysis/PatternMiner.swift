/// Finds the patterns that lines follow: words that stay, and `<_>` where they differ.
///
/// Lines are sorted into a tree by their number of words and the first word, then joined with the pattern there that they
/// share most words with, or begin a new one (Drain: P. He et al., "An Online Log Parsing Approach with Fixed Depth Tree",
/// ICWS 2017).
package struct PatternMiner {
    /// A pattern with the lines that follow it.
    package struct Pattern: Sendable {
        fileprivate var words: [[UInt8]]
        /// Of the words, which are compared by them: a line may have to be held against each pattern.
        fileprivate var hashes: [Int]
        /// Lines by step.
        package fileprivate(set) var counts: [Int64: Int] = [:]

        /// The pattern's text.
        package var text: String {
            String(decoding: Array(words.joined(separator: [UInt8(ascii: " ")])), as: UTF8.self)
        }
        /// Lines in all.
        package var total: Int { counts.values.reduce(0, +) }
    }

    private struct Leaf: Hashable {
        let count: Int
        /// Hash of the first word.
        let first: Int
    }

    /// The words of one line, one after the other, where each ends, and their hashes.
    private struct Words {
        var text: [UInt8] = []
        var ends: [Int] = []
        var hashes: [Int] = []

        var list: [[UInt8]] { zip([0] + ends, ends).map { Array(text[$0..<$1]) } }
    }

    /// Words that a line must share with a pattern, of all.
    private static let similarity = 0.4
    /// Words that are told apart; what follows is one.
    private static let maxWords = 60
    private static let maxPatterns = 500
    private static let variable = Array("<_>".utf8)
    private static let variableHash = variable.withUnsafeBytes { hash($0) }

    private let step: Int64
    private var leaves: [Leaf: [Int]] = [:]
    private var found: [Pattern] = []
    private var words = Words()

    /// Counts lines by steps of so many nanoseconds.
    package init(step: Int64) { self.step = step }

    /// The patterns, those of most lines first.
    package var patterns: [Pattern] { found.sorted { ($1.total, $0.text) < ($0.total, $1.text) } }

    /// Adds a line.
    package mutating func add(_ line: [UInt8], at timestamp: Int64) {
        line.withUnsafeBytes { read($0) }
        let hashes = words.hashes
        guard let first = hashes.first else { return }
        let leaf = Leaf(count: hashes.count, first: first)
        let rest = timestamp % step
        let bucket = timestamp - (rest < 0 ? rest + step : rest)
        var best: (place: Int, shared: Int)?
        for place in leaves[leaf] ?? [] {
            let shared = Self.shared(found[place].hashes, hashes)
            if shared > best?.shared ?? -1 { best = (place, shared) }
        }
        if let best, Double(best.shared) >= Self.similarity * Double(hashes.count) {
            for index in hashes.indices where found[best.place].hashes[index] != hashes[index] {
                found[best.place].words[index] = Self.variable
                found[best.place].hashes[index] = Self.variableHash
            }
            found[best.place].counts[bucket, default: 0] += 1
        } else if found.count < Self.maxPatterns {
            leaves[leaf, default: []].append(found.count)
            found.append(Pattern(words: words.list, hashes: hashes, counts: [bucket: 1]))
        }
    }

    /// How many words of a line a pattern has.
    private static func shared(_ pattern: [Int], _ line: [Int]) -> Int {
        var count = 0
        for index in 0..<min(pattern.count, line.count)
        where pattern[index] == line[index] || pattern[index] == variableHash { count += 1 }
        return count
    }

    /// Seeded anew for each process, so that nobody can have different words taken for the same.
    private static func hash(_ word: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: word)
        return hasher.finalize()
    }

    /// Finds the line's words.
    private mutating func read(_ line: UnsafeRawBufferPointer) {
        words.text.removeAll(keepingCapacity: true)
        words.ends.removeAll(keepingCapacity: true)
        words.hashes.removeAll(keepingCapacity: true)
        var start = 0
        var at = 0
        while at < line.count, words.ends.count < Self.maxWords - 1 {
            if line[at] == UInt8(ascii: " ") {
                if at > start { add(UnsafeRawBufferPointer(rebasing: line[start..<at])) }
                start = at + 1
            }
            at += 1
        }
        if start < line.count { add(UnsafeRawBufferPointer(rebasing: line[start...])) }
    }

    /// Adds a word. What has digits in it is variable from the start, as far as the next sign: `ms=12` is `ms=<_>`.
    private mutating func add(_ word: UnsafeRawBufferPointer) {
        let first = words.text.count
        var index = 0
        while index < word.count {
            let start = index
            var hasDigit = false
            while index < word.count, Self.isPart(word[index]) {
                if Self.isDigit(word[index]) { hasDigit = true }
                index += 1
            }
            if hasDigit { words.text += Self.variable } else { words.text += word[start..<index] }
            if index < word.count {
                words.text.append(word[index])
                index += 1
            }
        }
        words.ends.append(words.text.count)
        words.hashes.append(words.text.withUnsafeBytes { Self.hash(UnsafeRawBufferPointer(rebasing: $0[first...])) })
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Whether a byte stays together with those around it: letters, digits, and what numbers and names have in them.
    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39, 0x80...,
            UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"):
            true
        default: false
        }
    }
}
