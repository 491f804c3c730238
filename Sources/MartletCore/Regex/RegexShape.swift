/// What can be said about an expression without running it: the strings it matches when they are few, what every
/// match begins with or contains, and whether plain byte comparison can replace the automaton.
struct RegexShape {
    /// How to answer whether the expression matches.
    enum Strategy: Sendable {
        case always
        case nonEmpty
        case literal([UInt8])
        /// Sorted bytewise.
        case set([[UInt8]])
        case prefix([UInt8])
        case suffix([UInt8])
        case contains([UInt8])
        case automaton
    }

    /// Sets larger than this are left to the automaton.
    static let maxSetSize = 4096
    /// Nor may all strings of a set together be longer than this.
    private static let maxSetBytes = 1 << 20

    private(set) var strategy = Strategy.automaton
    private(set) var prefix: [UInt8] = []
    private(set) var requiredLiteral: [UInt8] = []
    private(set) var set: [[UInt8]]?

    init(_ pattern: String, anchored: Bool, dotMatchesNewline: Bool) {
        // A literal U+FFFD also matches bytes that are not UTF-8: only the automaton knows which.
        guard !pattern.unicodeScalars.contains("\u{fffd}"),
            var nodes = RegexOutline.parse(pattern, dotMatchesNewline: dotMatchesNewline)
        else { return }
        requiredLiteral = RegexShape.longestLiteral(nodes)
        if anchored {
            if case .begin? = nodes.first { nodes.removeFirst() }
            if case .end? = nodes.last { nodes.removeLast() }
            prefix = RegexShape.prefix(nodes).bytes
            set = RegexShape.exactSet(nodes).map(RegexShape.sortedUnique)
            strategy = anchoredStrategy(nodes)
        } else {
            strategy = RegexShape.searchStrategy(nodes)
        }
    }

    /// Binary search in a sorted set.
    static func contains(_ set: [[UInt8]], _ text: UnsafeRawBufferPointer) -> Bool {
        var low = 0
        var high = set.count
        while low < high {
            let middle = (low + high) / 2
            let order = set[middle].withUnsafeBytes { Bytes.compare($0, text) }
            if order == 0 { return true }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return false
    }

    private func anchoredStrategy(_ nodes: [RegexOutline]) -> Strategy {
        if let set { return set.count == 1 ? .literal(set[0]) : .set(set) }
        switch (nodes.count, nodes.first, nodes.last) {
        case (1, .anyStar?, _): return .always
        case (1, .anyPlus?, _): return .nonEmpty
        case (2, .literal(let bytes)?, .anyStar?): return .prefix(bytes)
        case (2, .anyStar?, .literal(let bytes)?): return .suffix(bytes)
        case (3, .anyStar?, .anyStar?):
            if case .literal(let bytes) = nodes[1] { return .contains(bytes) }
            return .automaton
        default: return .automaton
        }
    }

    private static func searchStrategy(_ nodes: [RegexOutline]) -> Strategy {
        var nodes = nodes[...]
        // Repetitions that may be empty say nothing at the ends of a search.
        while let first = nodes.first, first.isDotStar { nodes.removeFirst() }
        while let last = nodes.last, last.isDotStar { nodes.removeLast() }
        switch (nodes.count, nodes.first, nodes.last) {
        case (0, _, _): return .always
        case (1, .literal(let bytes)?, _): return .contains(bytes)
        case (2, .begin?, .literal(let bytes)?): return .prefix(bytes)
        case (2, .literal(let bytes)?, .end?): return .suffix(bytes)
        case (3, .begin?, .end?):
            if case .literal(let bytes) = nodes[nodes.startIndex + 1] { return .literal(bytes) }
            return .automaton
        default: return .automaton
        }
    }

    private static func sortedUnique(_ set: [[UInt8]]) -> [[UInt8]] {
        let sorted = set.sorted { $0.lexicographicallyPrecedes($1) }
        var unique: [[UInt8]] = []
        for element in sorted where unique.last != element { unique.append(element) }
        return unique
    }

    /// All strings that a sequence matches, or nil when they are not known or too many.
    private static func exactSet(_ nodes: [RegexOutline]) -> [[UInt8]]? {
        var product: [[UInt8]] = [[]]
        var productBytes = 0
        for node in nodes {
            let next: [[UInt8]]
            switch node {
            case .literal(let bytes): next = [bytes]
            case .alternate(let branches):
                var all: [[UInt8]] = []
                for branch in branches {
                    guard let part = exactSet(branch) else { return nil }
                    all += part
                    if all.count > maxSetSize { return nil }
                }
                next = all
            case .optional(let inner):
                guard let part = exactSet(inner) else { return nil }
                next = part + [[]]
            default: return nil
            }
            if product.count * next.count > maxSetSize { return nil }
            productBytes = productBytes * next.count + product.count * next.reduce(0) { $0 + $1.count }
            if productBytes > maxSetBytes { return nil }
            product = product.flatMap { head in next.map { head + $0 } }
        }
        return product
    }

    /// What every match of a sequence begins with, and whether that is all of it.
    private static func prefix(_ nodes: [RegexOutline]) -> (bytes: [UInt8], complete: Bool) {
        var bytes: [UInt8] = []
        for node in nodes {
            switch node {
            case .literal(let literal): bytes += literal
            case .alternate(let branches):
                var common: (bytes: [UInt8], complete: Bool)?
                for branch in branches {
                    let part = prefix(branch)
                    guard let known = common else {
                        common = part
                        continue
                    }
                    let shared = zip(known.bytes, part.bytes).prefix { $0 == $1 }.count
                    let same = shared == known.bytes.count && shared == part.bytes.count
                    common = (Array(known.bytes[..<shared]), same && known.complete && part.complete)
                }
                bytes += common?.bytes ?? []
                if common?.complete != true { return (bytes, false) }
            default: return (bytes, false)
            }
        }
        return (bytes, true)
    }

    /// The longest literal that every match of a sequence contains.
    private static func longestLiteral(_ nodes: [RegexOutline]) -> [UInt8] {
        var best: [UInt8] = []
        for case .literal(let bytes) in nodes where bytes.count > best.count { best = bytes }
        return best
    }
}
