/// What an expression means for texts of ASCII: a syntax tree without groups, flags and laziness, which make no difference to
/// whether it matches.
indirect enum RegexTree: Sendable {
    case characters(ASCIISet)
    case assertion(Assertion)
    /// One after the other; none matches the empty text.
    case sequence([RegexTree])
    case alternatives([RegexTree])
    /// `most` is nil where there is no bound.
    case repetition(RegexTree, least: Int, most: Int?)

    /// What is asked for between two characters.
    enum Assertion: Sendable {
        case textBegin, textEnd, lineBegin, lineEnd, wordBoundary, noWordBoundary
    }

    /// The tree of an expression that is known to compile; nil when it uses something of which nobody knows here what it
    /// matches in ASCII.
    static func parse(_ pattern: String, dotMatchesNewline: Bool) -> RegexTree? {
        var parser = RegexTreeParser(Array(pattern.utf8), dotMatchesNewline: dotMatchesNewline)
        return parser.parse()
    }
}

/// Reads expressions in the syntax that Go and RE2 share.
private struct RegexTreeParser {
    private struct Flags {
        var isFolded = false
        var isMultiline = false
        var dotMatchesNewline: Bool
    }

    private static let deepest = 50

    private let bytes: [UInt8]
    private var index = 0
    private var flags: Flags

    init(_ bytes: [UInt8], dotMatchesNewline: Bool) {
        self.bytes = bytes
        flags = Flags(dotMatchesNewline: dotMatchesNewline)
    }

    mutating func parse() -> RegexTree? {
        guard let tree = alternatives(depth: 0), index == bytes.count else { return nil }
        return tree
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[index...].starts(with: text.utf8) else { return false }
        index += text.utf8.count
        return true
    }

    private mutating func alternatives(depth: Int) -> RegexTree? {
        guard depth < Self.deepest else { return nil }
        var branches: [RegexTree] = []
        repeat {
            guard let branch = sequence(depth: depth) else { return nil }
            branches.append(branch)
        } while take("|")
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence(depth: Int) -> RegexTree? {
        var parts: [RegexTree] = []
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            guard let atom = atom(byte, depth: depth), let part = repeated(atom) else { return nil }
            parts.append(part)
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func atom(_ byte: UInt8, depth: Int) -> RegexTree? {
        switch byte {
        case UInt8(ascii: "("): return group(depth: depth)
        case UInt8(ascii: "["): return characterClass()
        case UInt8(ascii: "\\"): return escape()
        case _ where beginsRepetition: return nil
        default: index += 1
        }
        switch byte {
        case UInt8(ascii: "."): return .characters(flags.dotMatchesNewline ? .all : ASCIISet.newline.inverted)
        case UInt8(ascii: "^"): return .assertion(flags.isMultiline ? .lineBegin : .textBegin)
        case UInt8(ascii: "$"): return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case 0x80...:
            // It is in no text of ASCII, unless it is a letter that has one of ASCII for its other case.
            guard !flags.isFolded else { return nil }
            while let more = next, more & 0xc0 == 0x80 { index += 1 }
            return .characters(ASCIISet())
        default: return literal(byte)
        }
    }

    private func literal(_ byte: UInt8) -> RegexTree {
        .characters(flags.isFolded ? ASCIISet(byte).folded : ASCIISet(byte))
    }

    // MARK: Groups

    private mutating func group(depth: Int) -> RegexTree? {
        index += 1
        let outer = flags
        if take("?P<") || take("?<") {
            guard let close = bytes[index...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
            index = close + 1
        } else if take("?") {
            guard let end = setFlags() else { return nil }
            // What follows in the group around has these flags; a repetition would be one of what stands before them.
            if end == UInt8(ascii: ")") { return beginsRepetition ? nil : .sequence([]) }
        }
        let tree = alternatives(depth: depth + 1)
        flags = outer
        return take(")") ? tree : nil
    }

    /// Reads flags and the sign that ends them.
    private mutating func setFlags() -> UInt8? {
        var isSet = true
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "i"): flags.isFolded = isSet
            case UInt8(ascii: "m"): flags.isMultiline = isSet
            case UInt8(ascii: "s"): flags.dotMatchesNewline = isSet
            case UInt8(ascii: "U"): break
            case UInt8(ascii: "-"): isSet = false
            case UInt8(ascii: ":"), UInt8(ascii: ")"): return byte
            default: return nil
            }
        }
        return nil
    }

    // MARK: Repetitions

    private mutating func repeated(_ atom: RegexTree) -> RegexTree? {
        let tree: RegexTree
        if take("*") {
            tree = .repetition(atom, least: 0, most: nil)
        } else if take("+") {
            tree = .repetition(atom, least: 1, most: nil)
        } else if take("?") {
            tree = .repetition(atom, least: 0, most: 1)
        } else if let (least, most, end) = bounds() {
            index = end
            tree = .repetition(atom, least: least, most: most)
        } else {
            return atom
        }
        // A question mark only makes it lazy; more than that is no expression.
        _ = take("?")
        return beginsRepetition ? nil : tree
    }

    private var beginsRepetition: Bool {
        switch next {
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): true
        case UInt8(ascii: "{"): bounds() != nil
        default: false
        }
    }

    /// The bounds of a repetition that begins here, and where it ends; without them a brace stands for itself.
    private func bounds() -> (least: Int, most: Int?, end: Int)? {
        guard next == UInt8(ascii: "{"), let (least, afterLeast) = number(at: index + 1), afterLeast < bytes.count
        else {
            return nil
        }
        if bytes[afterLeast] == UInt8(ascii: "}") { return (least, least, afterLeast + 1) }
        guard bytes[afterLeast] == UInt8(ascii: ","), afterLeast + 1 < bytes.count else { return nil }
        if bytes[afterLeast + 1] == UInt8(ascii: "}") { return (least, nil, afterLeast + 2) }
        guard let (most, end) = number(at: afterLeast + 1), end < bytes.count, bytes[end] == UInt8(ascii: "}"),
            most >= least
        else { return nil }
        return (least, most, end + 1)
    }

    /// A number without leading zeros, and where it ends.
    private func number(at start: Int) -> (value: Int, end: Int)? {
        var end = start
        var value = 0
        while end < bytes.count, ASCIISet.digits.contains(bytes[end]), end - start < 5 {
            value = value * 10 + Int(bytes[end] - UInt8(ascii: "0"))
            end += 1
        }
        guard end > start, end == start + 1 || bytes[start] != UInt8(ascii: "0") else { return nil }
        return (value, end)
    }

    // MARK: Characters

    private mutating func escape() -> RegexTree? {
        guard index + 1 < bytes.count else { return nil }
        if let set = perlClass() { return .characters(set) }
        let assertion: RegexTree.Assertion
        switch bytes[index + 1] {
        case UInt8(ascii: "A"): assertion = .textBegin
        case UInt8(ascii: "z"): assertion = .textEnd
        case UInt8(ascii: "b"): assertion = .wordBoundary
        case UInt8(ascii: "B"): assertion = .noWordBoundary
        default: return escapedCharacter().map(literal)
        }
        index += 2
        return .assertion(assertion)
    }

    /// The class that a backslash and a letter stand for, if they are one.
    private mutating func perlClass() -> ASCIISet? {
        guard next == UInt8(ascii: "\\"), index + 1 < bytes.count else { return nil }
        let set: ASCIISet
        switch bytes[index + 1] {
        case UInt8(ascii: "d"): set = .digits
        case UInt8(ascii: "D"): set = ASCIISet.digits.inverted
        case UInt8(ascii: "w"): set = .word
        case UInt8(ascii: "W"): set = ASCIISet.word.inverted
        case UInt8(ascii: "s"): set = .space
        case UInt8(ascii: "S"): set = ASCIISet.space.inverted
        default: return nil
        }
        index += 2
        return set
    }

    /// The character that an escape stands for, if it is one of ASCII and known here.
    private mutating func escapedCharacter() -> UInt8? {
        guard index + 1 < bytes.count else { return nil }
        let letter = bytes[index + 1]
        index += 2
        switch letter {
        case UInt8(ascii: "a"): return 7
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "v"): return 11
        case UInt8(ascii: "f"): return 12
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "x"): return hexadecimal()
        case 0x80...: return nil
        default: return ASCIISet.letters.union(.digits).contains(letter) ? nil : letter
        }
    }

    /// What stands behind `\x`: two digits, or any number of them in braces.
    private mutating func hexadecimal() -> UInt8? {
        var digits: ArraySlice<UInt8>
        if take("{") {
            guard let close = bytes[index...].firstIndex(of: UInt8(ascii: "}")) else { return nil }
            digits = bytes[index..<close]
            index = close + 1
        } else {
            guard index + 2 <= bytes.count else { return nil }
            digits = bytes[index..<index + 2]
            index += 2
        }
        guard !digits.isEmpty else { return nil }
        var value = 0
        for digit in digits {
            guard let number = Hex.value(of: digit) else { return nil }
            value = value * 16 + Int(number)
            guard value < 0x80 else { return nil }
        }
        return UInt8(value)
    }

    // MARK: Classes

    private mutating func characterClass() -> RegexTree? {
        index += 1
        let isNegative = take("^")
        var set = ASCIISet()
        var isFirst = true
        while let byte = next, isFirst || byte != UInt8(ascii: "]") {
            isFirst = false
            guard let part = posixClass() ?? perlClass() ?? range() else { return nil }
            set = set.union(part)
        }
        guard take("]") else { return nil }
        if isNegative { set = set.inverted }
        return .characters(set)
    }

    /// `[:name:]` or `[:^name:]`.
    private mutating func posixClass() -> ASCIISet? {
        guard let end = RegexSyntax.namedClassEnd(bytes, index) else { return nil }
        var name = bytes[(index + 2)..<(end - 2)]
        let isNegative = name.first == UInt8(ascii: "^")
        if isNegative { name.removeFirst() }
        guard var set = ASCIISet(posix: name) else { return nil }
        index = end
        if flags.isFolded { set = set.folded }
        return isNegative ? set.inverted : set
    }

    /// A character of a class, or several from one to another.
    private mutating func range() -> ASCIISet? {
        guard let first = member() else { return nil }
        var last = first
        if next == UInt8(ascii: "-"), index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "]") {
            index += 1
            guard let end = member(), end >= first else { return nil }
            last = end
        }
        let set = ASCIISet(first...last)
        return flags.isFolded ? set.folded : set
    }

    private mutating func member() -> UInt8? {
        guard let byte = next, byte < 0x80 else { return nil }
        if byte == UInt8(ascii: "\\") { return escapedCharacter() }
        index += 1
        return byte
    }
}
