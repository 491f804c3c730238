/// A rough syntax tree of an expression: literals, alternations and dots; everything else is opaque. It serves only
/// to find literals, so whatever it does not understand may be opaque, but nothing may be claimed that is not so.
indirect enum RegexOutline {
    case literal([UInt8])
    /// Branches, each a sequence.
    case alternate([[RegexOutline]])
    case optional([RegexOutline])
    /// `.*` where the dot matches every character.
    case anyStar
    /// `.+` where the dot matches every character.
    case anyPlus
    /// `.*` where the dot stops at a newline.
    case lineStar
    case begin
    case end
    case opaque

    var isDotStar: Bool {
        switch self {
        case .anyStar, .lineStar: true
        default: false
        }
    }

    /// The sequence of an expression that is known to compile; nil when it uses what is not understood at all.
    static func parse(_ pattern: String, dotMatchesNewline: Bool) -> [RegexOutline]? {
        var parser = Parser(bytes: Array(pattern.utf8), dotMatchesNewline: dotMatchesNewline)
        guard let branches = parser.alternation(depth: 0), parser.index == parser.bytes.count else { return nil }
        return sequence(of: branches)
    }

    private static func sequence(of branches: [[RegexOutline]]) -> [RegexOutline] {
        branches.count == 1 ? branches[0] : [.alternate(branches)]
    }

    private struct Parser {
        let bytes: [UInt8]
        let dotMatchesNewline: Bool
        var index = 0

        mutating func alternation(depth: Int) -> [[RegexOutline]]? {
            guard depth < 50 else { return nil }
            var branches: [[RegexOutline]] = []
            while true {
                guard let branch = branch(depth: depth) else { return nil }
                branches.append(branch)
                guard index < bytes.count, bytes[index] == UInt8(ascii: "|") else { return branches }
                index += 1
            }
        }

        private mutating func branch(depth: Int) -> [RegexOutline]? {
            var nodes: [RegexOutline] = []
            while index < bytes.count, bytes[index] != UInt8(ascii: "|"), bytes[index] != UInt8(ascii: ")") {
                let start = index
                guard let atom = atom(depth: depth) else { return nil }
                let isDot = bytes[start] == UInt8(ascii: ".")
                for node in repeated(atom, isDot: isDot) {
                    if case .literal(let more) = node, case .literal(let bytes)? = nodes.last {
                        nodes[nodes.count - 1] = .literal(bytes + more)
                    } else {
                        nodes.append(node)
                    }
                }
            }
            return nodes
        }

        /// One atom as a sequence, without its repetition.
        private mutating func atom(depth: Int) -> [RegexOutline]? {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "("): return group(depth: depth)
            case UInt8(ascii: "["): return characterClass()
            case UInt8(ascii: "\\"): return escape()
            case UInt8(ascii: "."):
                index += 1
                return [.opaque]
            case UInt8(ascii: "^"):
                index += 1
                return [.begin]
            case UInt8(ascii: "$"):
                index += 1
                return [.end]
            case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): return nil
            default:
                let start = index
                index += 1
                while index < bytes.count, bytes[index] & 0xc0 == 0x80 { index += 1 }
                return [.literal(Array(bytes[start..<index]))]
            }
        }

        private mutating func group(depth: Int) -> [RegexOutline]? {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "?") {
                index += 1
                guard index < bytes.count else { return nil }
                if bytes[index] == UInt8(ascii: ":") {
                    index += 1
                } else if bytes[index] == UInt8(ascii: "P") || bytes[index] == UInt8(ascii: "<") {
                    guard let close = bytes[index...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
                    index = close + 1
                } else {
                    return nil  // flags change the meaning of what follows
                }
            }
            guard let branches = alternation(depth: depth + 1), index < bytes.count else { return nil }
            index += 1
            return RegexOutline.sequence(of: branches)
        }

        private mutating func characterClass() -> [RegexOutline]? {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "^") { index += 1 }
            if index < bytes.count, bytes[index] == UInt8(ascii: "]") { index += 1 }
            while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: "\\"): index += 2
                case UInt8(ascii: "["): index = RegexSyntax.namedClassEnd(bytes, index) ?? index + 1
                case UInt8(ascii: "]"):
                    index += 1
                    return [.opaque]
                default: index += 1
                }
            }
            return nil
        }

        private mutating func escape() -> [RegexOutline]? {
            guard index + 1 < bytes.count else { return nil }
            let letter = bytes[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "n"): return [.literal([10])]
            case UInt8(ascii: "t"): return [.literal([9])]
            case UInt8(ascii: "r"): return [.literal([13])]
            case UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "w"), UInt8(ascii: "W"), UInt8(ascii: "s"),
                UInt8(ascii: "S"), UInt8(ascii: "b"), UInt8(ascii: "B"):
                return [.opaque]
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
                return nil
            default: return [.literal([letter])]
            }
        }

        /// Applies the repetition operators that follow an atom.
        private mutating func repeated(_ atom: [RegexOutline], isDot: Bool) -> [RegexOutline] {
            var result = atom
            var isDot = isDot
            while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: "*"):
                    index += 1
                    result = [isDot ? (dotMatchesNewline ? .anyStar : .lineStar) : .opaque]
                case UInt8(ascii: "+"):
                    index += 1
                    if isDot {
                        result = [dotMatchesNewline ? .anyPlus : .opaque]
                    } else {
                        result += [.opaque]
                    }
                case UInt8(ascii: "?"):
                    index += 1
                    result = isDot ? [.opaque] : [.optional(result)]
                case UInt8(ascii: "{"):
                    guard let (minimum, end) = bounds(index) else { return result }
                    index = end
                    result = minimum == 0 ? [.opaque] : result + [.opaque]
                default: return result
                }
                isDot = false
                // A question mark after a repetition only makes it lazy.
                if index < bytes.count, bytes[index] == UInt8(ascii: "?") { index += 1 }
            }
            return result
        }

        /// The least count of `{n}`, `{n,}` or `{n,m}` and the offset after it; nil when the brace is a literal.
        private func bounds(_ start: Int) -> (minimum: Int, end: Int)? {
            var position = start + 1
            var minimum = 0
            let first = position
            while position < bytes.count, let digit = digit(bytes[position]) {
                minimum = min(minimum * 10 + digit, 100_000)
                position += 1
            }
            guard position > first else { return nil }
            if position < bytes.count, bytes[position] == UInt8(ascii: ",") {
                position += 1
                while position < bytes.count, digit(bytes[position]) != nil { position += 1 }
            }
            guard position < bytes.count, bytes[position] == UInt8(ascii: "}") else { return nil }
            return (minimum, position + 1)
        }

        private func digit(_ byte: UInt8) -> Int? {
            byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
        }
    }
}
