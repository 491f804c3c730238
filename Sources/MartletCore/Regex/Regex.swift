import CRE2

/// A regular expression in RE2's syntax, as PromQL and LogQL specify it: linear time, safe from any thread.
///
/// Where the expression is a literal, an alternation of literals, a prefix or the like, no automaton runs at all.
/// Input bytes that are not UTF-8 count as U+FFFD, as in Go.
package final class Regex: Sendable, Hashable {
    /// Memory that RE2 may use for one expression, in bytes.
    package static let defaultMaxMemory: Int64 = 8 << 20

    /// The expression as it was given.
    package let pattern: String
    /// True when it must match the whole input.
    package let anchored: Bool
    /// Number of capturing groups.
    package let groupCount: Int
    /// The groups' names in order; empty where a group has none.
    package let groupNames: [String]
    /// All strings that match, when the expression is anchored and they are few.
    package let setMatches: [String]?
    /// What every match begins with, when the expression is anchored; empty when not known.
    package let prefix: [UInt8]
    /// The longest run of bytes that is known to be in every match; empty when not known.
    package let requiredLiteral: [UInt8]

    /// What tells whether it matches a text of ASCII: of an expression for many texts whose states are few.
    package let automaton: RegexAutomaton?

    private let strategy: RegexShape.Strategy
    private let compiled: Compiled

    /// Compiles. `dotMatchesNewline` is Go's flag `s`, which Prometheus sets.
    package convenience init(
        _ pattern: String, anchored: Bool, dotMatchesNewline: Bool = true,
        maxMemory: Int64 = Regex.defaultMaxMemory
    ) throws(RegexError) {
        try self.init(pattern, anchored, dotMatchesNewline, maxMemory, hasAutomaton: false)
    }

    /// Compiles an expression that is searched for in very many texts, which is worth an automaton of our own.
    package convenience init(searchingFor pattern: String, dotMatchesNewline: Bool) throws(RegexError) {
        try self.init(pattern, false, dotMatchesNewline, Regex.defaultMaxMemory, hasAutomaton: true)
    }

    private init(
        _ pattern: String, _ anchored: Bool, _ dotMatchesNewline: Bool, _ maxMemory: Int64, hasAutomaton: Bool
    ) throws(RegexError) {
        self.pattern = pattern
        self.anchored = anchored
        compiled = try Compiled(
            try RegexSyntax.translate(pattern), original: pattern, dotMatchesNewline: dotMatchesNewline,
            maxMemory: maxMemory)
        groupCount = compiled.groupCount
        groupNames = compiled.groupNames
        let shape = RegexShape(pattern, anchored: anchored, dotMatchesNewline: dotMatchesNewline)
        strategy = shape.strategy
        prefix = shape.prefix
        requiredLiteral = shape.requiredLiteral
        setMatches = shape.set.map { $0.map { String(decoding: $0, as: UTF8.self) } }
        automaton = hasAutomaton ? RegexAutomaton(pattern, dotMatchesNewline: dotMatchesNewline) : nil
    }

    /// True when the expression matches somewhere in the input, or all of it when anchored.
    package func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        switch strategy {
        case .always: return true
        case .nonEmpty: return !text.isEmpty
        case .literal(let literal): return literal.withUnsafeBytes { Bytes.equal($0, text) }
        case .set(let set): return RegexShape.contains(set, text)
        case .prefix(let literal): return literal.withUnsafeBytes { Bytes.hasPrefix(text, $0) }
        case .suffix(let literal): return literal.withUnsafeBytes { Bytes.hasSuffix(text, $0) }
        case .contains(let literal): return literal.withUnsafeBytes { Bytes.find($0, in: text) != nil }
        case .automaton:
            if !requiredLiteral.isEmpty,
                requiredLiteral.withUnsafeBytes({ Bytes.find($0, in: text) == nil })
            {
                return false
            }
            if let matches = automaton?.matches(text) { return matches }
            return compiled.match(text, from: 0, whole: anchored, groups: 0) != nil
        }
    }

    /// The text that the expression asks for, where it asks for no more than that somewhere in the input.
    package var containedText: [UInt8]? { if case .contains(let text) = strategy { text } else { nil } }

    /// Whether the expression is more than texts with anything before, between or behind them.
    package var needsAutomaton: Bool { if case .automaton = strategy { true } else { false } }

    /// True when the expression matches somewhere in the input, or all of it when anchored.
    package func matches(_ text: String) -> Bool {
        Bytes.of(text) { matches($0) }
    }

    /// The ranges of the whole match and of every group (nil for a group that took no part), or nil without a match.
    package func captures(_ text: UnsafeRawBufferPointer, from offset: Int = 0) -> [Range<Int>?]? {
        compiled.match(text, from: offset, whole: anchored, groups: groupCount + 1)
    }

    /// The template filled from the first match, or nil without a match.
    package func expand(_ template: RegexTemplate, matching text: UnsafeRawBufferPointer) -> [UInt8]? {
        expand(template, matching: text) { _ in }
    }

    /// The same; `admit` is told the result's length in bytes before memory is taken for it, and may throw.
    package func expand<Refusal: Error>(
        _ template: RegexTemplate, matching text: UnsafeRawBufferPointer, admit: (Int) throws(Refusal) -> Void
    ) throws(Refusal) -> [UInt8]? {
        guard let groups = captures(text) else { return nil }
        let count = Regex.length(template, groups)
        try admit(count)
        var out: [UInt8] = []
        out.reserveCapacity(count)
        Regex.append(template, groups, text, to: &out)
        return out
    }

    /// Every match replaced by the template, as Go's `ReplaceAll`.
    package func replaceAll(_ text: UnsafeRawBufferPointer, with template: RegexTemplate) -> [UInt8] {
        var out: [UInt8] = []
        var copied = 0
        forEachMatch(in: text) { match, groups in
            out.append(contentsOf: text[copied..<match.lowerBound])
            Regex.append(template, groups, text, to: &out)
            copied = match.upperBound
        }
        if copied < text.count { out.append(contentsOf: text[copied...]) }
        return out
    }

    /// How often the expression matches, as Go's `FindAll` counts.
    package func matchCount(in text: UnsafeRawBufferPointer) -> Int {
        var count = 0
        forEachMatch(in: text) { _, _ in count += 1 }
        return count
    }

    /// Goes through the matches that do not overlap, with the ranges of their groups.
    private func forEachMatch(
        in text: UnsafeRawBufferPointer, _ body: (Range<Int>, [Range<Int>?]) -> Void
    ) {
        let start = text.assumingMemoryBound(to: CChar.self).baseAddress
        // Each match would look through all of the text for bytes that are not UTF-8.
        guard let prepared = cre2_text_prepare(start, text.count) else { return }
        defer { cre2_text_free(prepared) }
        var search = 0
        var lastEnd = -1
        while search <= text.count,
            let groups = compiled.match(prepared, from: search, whole: anchored, groups: groupCount + 1),
            let match = groups[0]
        {
            // An empty match right after a match is none, as in Go.
            if !(match.isEmpty && match.lowerBound == lastEnd) {
                body(match, groups)
                lastEnd = match.upperBound
            }
            if match.upperBound > search {
                search = match.upperBound
                if !match.isEmpty { continue }
            }
            guard search < text.count else { break }
            search += GoQuote.scalar(in: text, at: search)?.1 ?? 1
        }
    }

    private static func length(_ template: RegexTemplate, _ groups: [Range<Int>?]) -> Int {
        var count = 0
        for piece in template.pieces {
            switch piece {
            case .text(let bytes): count += bytes.count
            case .group(let index): if groups.indices.contains(index) { count += groups[index]?.count ?? 0 }
            }
        }
        return count
    }

    private static func append(
        _ template: RegexTemplate, _ groups: [Range<Int>?], _ text: UnsafeRawBufferPointer, to out: inout [UInt8]
    ) {
        for piece in template.pieces {
            switch piece {
            case .text(let bytes): out.append(contentsOf: bytes)
            case .group(let index):
                if groups.indices.contains(index), let range = groups[index] { out.append(contentsOf: text[range]) }
            }
        }
    }

    package static func == (a: Regex, b: Regex) -> Bool {
        a.anchored == b.anchored && a.pattern.utf8.elementsEqual(b.pattern.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(anchored)
        Bytes.of(pattern) { hasher.combine(bytes: $0) }
    }
}

extension Regex {
    /// The automaton's handle.
    private final class Compiled: @unchecked Sendable {
        // Sendable holds because RE2 objects are immutable after construction and their lazy caches lock themselves.
        private let handle: OpaquePointer
        let groupCount: Int
        let groupNames: [String]

        init(_ pattern: String, original: String, dotMatchesNewline: Bool, maxMemory: Int64) throws(RegexError) {
            let made = Bytes.of(pattern) { bytes in
                cre2_compile(
                    bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count, dotMatchesNewline,
                    maxMemory)
            }
            guard let made else { throw RegexError(reason: "out of memory", expression: original) }
            let code = cre2_error_code(made)
            if code != CRE2_OK {
                var count = 0
                let text = cre2_error_argument(made, &count)
                let argument = String(
                    decoding: UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : count), as: UTF8.self)
                cre2_free(made)
                throw RegexSyntax.error(code, argument: argument, original: original, translated: pattern)
            }
            handle = made
            groupCount = Int(cre2_group_count(made))
            var names: [String] = []
            for index in 0..<groupCount {
                var count = 0
                let name = cre2_group_name(made, Int32(index + 1), &count)
                names.append(
                    name == nil
                        ? "" : String(decoding: UnsafeRawBufferPointer(start: name, count: count), as: UTF8.self))
            }
            groupNames = names
        }

        deinit { cre2_free(handle) }

        /// The first match's ranges (none when `groups` is 0), or nil.
        func match(_ text: UnsafeRawBufferPointer, from: Int, whole: Bool, groups: Int) -> [Range<Int>?]? {
            let start = text.assumingMemoryBound(to: CChar.self).baseAddress
            if groups == 0 { return cre2_match(handle, start, text.count, from, whole, nil, 0) ? [] : nil }
            return ranges(groups) { cre2_match(handle, start, text.count, from, whole, $0.baseAddress, Int32(groups)) }
        }

        /// The same in a text that was prepared.
        func match(_ text: OpaquePointer, from: Int, whole: Bool, groups: Int) -> [Range<Int>?]? {
            ranges(groups) { cre2_text_match(text, handle, from, whole, $0.baseAddress, Int32(groups)) }
        }

        private func ranges(
            _ groups: Int, _ fill: (UnsafeMutableBufferPointer<cre2_span>) -> Bool
        ) -> [Range<Int>?]? {
            withUnsafeTemporaryAllocation(of: cre2_span.self, capacity: groups) { spans in
                guard fill(spans) else { return nil }
                return spans.map { $0.start < 0 ? nil : $0.start..<$0.end }
            }
        }
    }
}
