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
        let first: [UInt8]
    }

    /// Words that a line must share with a pattern, of all.
    private static let similarity = 0.4
    /// Words that are told apart; what follows is one.
    private static let maxWords = 60
    private static let maxPatterns = 500
    private static let variable = Array("<_>".utf8)
    private static let variableHash = hash(variable)

    private let step: Int64
    private var leaves: [Leaf: [Int]] = [:]
    private var found: [Pattern] = []

    /// Counts lines by steps of so many nanoseconds.
    package init(step: Int64) { self.step = step }

    /// The patterns, those of most lines first.
    package var patterns: [Pattern] { found.sorted { ($1.total, $0.text) < ($0.total, $1.text) } }

    /// Adds a line.
    package mutating func add(_ line: [UInt8], at timestamp: Int64) {
        let words = Self.words(line)
        guard let first = words.first else { return }
        let leaf = Leaf(count: words.count, first: first)
        let hashes = words.map(Self.hash)
        let rest = timestamp % step
        let bucket = timestamp - (rest < 0 ? rest + step : rest)
        var best: (place: Int, shared: Int)?
        for place in leaves[leaf] ?? [] {
            let shared = Self.shared(found[place].hashes, hashes)
            if shared > best?.shared ?? -1 { best = (place, shared) }
        }
        if let best, Double(best.shared) >= Self.similarity * Double(words.count) {
            for index in words.indices where found[best.place].hashes[index] != hashes[index] {
                found[best.place].words[index] = Self.variable
                found[best.place].hashes[index] = Self.variableHash
            }
            found[best.place].counts[bucket, default: 0] += 1
        } else if found.count < Self.maxPatterns {
            leaves[leaf, default: []].append(found.count)
            found.append(Pattern(words: words, hashes: hashes, counts: [bucket: 1]))
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
    private static func hash(_ word: [UInt8]) -> Int {
        var hasher = Hasher()
        word.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    /// The line's words. What has digits in it is variable from the start, as far as the next sign: `ms=12` is `ms=<_>`.
    private static func words(_ line: [UInt8]) -> [[UInt8]] {
        line.split(separator: UInt8(ascii: " "), maxSplits: maxWords - 1).map { word in
            guard word.contains(where: isDigit) else { return Array(word) }
            var out: [UInt8] = []
            var index = word.startIndex
            while index < word.endIndex {
                let piece = word[index...].prefix(while: isPart)
                out += piece.contains(where: isDigit) ? variable : Array(piece)
                index = piece.endIndex
                if index < word.endIndex {
                    out.append(word[index])
                    index += 1
                }
            }
            return out
        }
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
