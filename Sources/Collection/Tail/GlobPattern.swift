/// A path pattern as Promtail's `__path__` has it: `*` and `?` stay inside a path element, `**` spans any number of
/// elements, `[a-z]` and `[^a-z]` are classes, `{a,b}` alternatives, a backslash takes the next character literally.
package struct GlobPattern: Sendable, Hashable, CustomStringConvertible {
    /// What was written.
    package let description: String
    /// Without alternatives: each brace expanded.
    private let variants: [[Element]]

    private enum Element: Sendable, Hashable {
        case anyDepth
        case name([Token])
    }

    private enum Token: Sendable, Hashable {
        case literal(UInt8)
        case anyOne
        case anyRun
        case classOf(negated: Bool, ranges: [ClosedRange<UInt8>])
    }

    /// Absolute patterns only. More than 1,024 variants from braces are refused.
    package init(_ pattern: String) throws(GlobError) {
        description = pattern
        guard pattern.utf8.first == 0x2F else { throw GlobError(pattern: pattern, reason: "the path is not absolute") }
        var variants: [[Element]] = []
        for text in try GlobPattern.expandedBraces(Array(pattern.utf8), pattern) {
            variants.append(try GlobPattern.elements(text, pattern))
        }
        self.variants = variants
    }

    // MARK: Matching

    /// True when the whole absolute path fits.
    package func matches(_ path: String) -> Bool {
        let names = path.utf8.split(separator: 0x2F).map(Array.init)
        return variants.contains { GlobPattern.matches($0[...], names[...]) }
    }

    private static func matches(_ pattern: ArraySlice<Element>, _ names: ArraySlice<[UInt8]>) -> Bool {
        guard let first = pattern.first else { return names.isEmpty }
        switch first {
        case .anyDepth:
            let rest = pattern.dropFirst()
            if rest.isEmpty { return true }
            var tail = names
            while true {
                if matches(rest, tail) { return true }
                if tail.isEmpty { return false }
                tail = tail.dropFirst()
            }
        case .name(let tokens):
            guard let name = names.first, matches(tokens, name) else { return false }
            return matches(pattern.dropFirst(), names.dropFirst())
        }
    }

    /// Backtracks to the last star only, so that a name costs at most tokens × bytes.
    private static func matches(_ tokens: [Token], _ name: [UInt8]) -> Bool {
        var token = 0
        var at = 0
        var star = -1
        var starAt = 0
        while at < name.count {
            if token < tokens.count, case .anyRun = tokens[token] {
                star = token
                starAt = at
                token += 1
            } else if token < tokens.count, fits(tokens[token], name[at]) {
                token += 1
                at += 1
            } else if star >= 0 {
                token = star + 1
                starAt += 1
                at = starAt
            } else {
                return false
            }
        }
        while token < tokens.count, case .anyRun = tokens[token] { token += 1 }
        return token == tokens.count
    }

    private static func fits(_ token: Token, _ byte: UInt8) -> Bool {
        switch token {
        case .literal(let wanted): wanted == byte
        case .anyOne: true
        case .anyRun: false
        case .classOf(let negated, let ranges): ranges.contains { $0.contains(byte) } != negated
        }
    }

    // MARK: Walking

    /// Regular files below the pattern's fixed part that match, sorted. At most `limit` directories' entries are looked
    /// at, so that `/**` cannot stall the agent; symbolic links to directories are followed only where the pattern
    /// names them.
    package func expand(on files: some PathLister, limit: Int = 100_000) -> [String] {
        var found: Set<String> = []
        var budget = limit
        for variant in variants {
            walk(variant[...], directory: "", files, &budget, &found)
        }
        return found.sorted()
    }

    private func walk(
        _ pattern: ArraySlice<Element>, directory: String, _ files: some PathLister, _ budget: inout Int,
        _ found: inout Set<String>
    ) {
        guard let first = pattern.first, budget > 0 else { return }
        let rest = pattern.dropFirst()
        switch first {
        case .anyDepth:
            if !rest.isEmpty { walk(rest, directory: directory, files, &budget, &found) }
            for name in list(directory, files, &budget) {
                let path = directory + "/" + name
                switch files.kind(of: path, followLinks: false) {
                case .directory: walk(pattern, directory: path, files, &budget, &found)
                case .file where rest.isEmpty: found.insert(path)
                default: continue
                }
            }
        case .name(let tokens):
            let names: [String]
            if let literal = GlobPattern.literal(tokens) {
                names = [literal]
            } else {
                names = list(directory, files, &budget).filter { GlobPattern.matches(tokens, Array($0.utf8)) }
            }
            for name in names {
                let path = directory + "/" + name
                let kind = files.kind(of: path, followLinks: true)
                if rest.isEmpty {
                    if kind == .file { found.insert(path) }
                } else if kind == .directory {
                    walk(rest, directory: path, files, &budget, &found)
                }
            }
        }
    }

    private func list(_ directory: String, _ files: some PathLister, _ budget: inout Int) -> [String] {
        let names = files.names(in: directory.isEmpty ? "/" : directory)
        budget -= names.count + 1
        return names
    }

    private static func literal(_ tokens: [Token]) -> String? {
        var bytes: [UInt8] = []
        for token in tokens {
            guard case .literal(let byte) = token else { return nil }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

// MARK: - Parsing

extension GlobPattern {
    private static func expandedBraces(_ text: [UInt8], _ pattern: String) throws(GlobError) -> [[UInt8]] {
        var done: [[UInt8]] = []
        var open = [text]
        while let next = open.popLast() {
            guard let brace = try firstBrace(next, pattern) else {
                done.append(next)
                continue
            }
            for option in brace.options {
                open.append(Array(next[..<brace.start]) + option + Array(next[brace.end...]))
            }
            if open.count + done.count > 1024 {
                throw GlobError(pattern: pattern, reason: "the braces give more than 1024 variants")
            }
        }
        return done
    }

    private static func firstBrace(
        _ text: [UInt8], _ pattern: String
    ) throws(GlobError) -> (start: Int, end: Int, options: [[UInt8]])? {
        var index = 0
        var depth = 0
        var start = 0
        var optionStart = 0
        var options: [[UInt8]] = []
        while index < text.count {
            switch text[index] {
            case 0x5C: index += 1
            case 0x7B:
                depth += 1
                if depth == 1 {
                    start = index
                    optionStart = index + 1
                }
            case 0x2C where depth == 1:
                options.append(Array(text[optionStart..<index]))
                optionStart = index + 1
            case 0x7D where depth > 0:
                depth -= 1
                if depth == 0 {
                    options.append(Array(text[optionStart..<index]))
                    return (start, index + 1, options)
                }
            default: break
            }
            index += 1
        }
        if depth > 0 { throw GlobError(pattern: pattern, reason: "a { is not closed") }
        return nil
    }

    private static func elements(_ text: [UInt8], _ pattern: String) throws(GlobError) -> [Element] {
        var elements: [Element] = []
        var tokens: [Token] = []
        var raw: [UInt8] = []
        func finish() {
            if raw == [0x2A, 0x2A] {
                if elements.last != .anyDepth { elements.append(.anyDepth) }
            } else if !tokens.isEmpty {
                elements.append(.name(tokens))
            }
            tokens = []
            raw = []
        }
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte == 0x2F {
                finish()
                index += 1
                continue
            }
            raw.append(byte)
            switch byte {
            case 0x2A: if tokens.last != .anyRun { tokens.append(.anyRun) }
            case 0x3F: tokens.append(.anyOne)
            case 0x5C:
                index += 1
                guard index < text.count else { throw GlobError(pattern: pattern, reason: "it ends in a backslash") }
                tokens.append(.literal(text[index]))
            case 0x5B:
                let (token, end) = try characterClass(text, index, pattern)
                tokens.append(token)
                index = end
            default: tokens.append(.literal(byte))
            }
            index += 1
        }
        finish()
        return elements
    }

    /// The class starting at `start`; the index of its closing bracket.
    private static func characterClass(
        _ text: [UInt8], _ start: Int, _ pattern: String
    ) throws(GlobError) -> (Token, Int) {
        var index = start + 1
        var negated = false
        if index < text.count, text[index] == 0x5E || text[index] == 0x21 {
            negated = true
            index += 1
        }
        var ranges: [ClosedRange<UInt8>] = []
        let first = index
        while index < text.count, text[index] != 0x5D || index == first {
            var low = text[index]
            if low == 0x5C, index + 1 < text.count {
                index += 1
                low = text[index]
            }
            if index + 2 < text.count, text[index + 1] == 0x2D, text[index + 2] != 0x5D {
                let high = text[index + 2]
                guard low <= high else { throw GlobError(pattern: pattern, reason: "a class has its range reversed") }
                ranges.append(low...high)
                index += 3
            } else {
                ranges.append(low...low)
                index += 1
            }
        }
        guard index < text.count else { throw GlobError(pattern: pattern, reason: "a [ is not closed") }
        return (.classOf(negated: negated, ranges: ranges), index)
    }
}
