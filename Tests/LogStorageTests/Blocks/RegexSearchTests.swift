import LogQL
import LogStorage
import MartletCore
import Testing

@Suite("A search for a regular expression in a block")
struct RegexSearchTests {
    private static let patterns = [
        "[a-f0-9]{16}", "\\d{3}\\.\\d+", "(?i)err.*(out|ok)", "^10\\.", "0\\.\\d$", "[0-9]$", "^\\d+$", "\\b5\\d\\d\\b",
        "a.*b.*1",
        "[^ -~]", "^$", ".", "", "\\s\\w+\\s", "error|ok", "[A-F]{4}", "\\d{10,}", "x=\\w+(ms|f)", "dead.?beef",
        "-[a-f]", "\\x11",
        "(?s)\\x11.1", "(?m)^1", "ü", "\\pL{9}", "user_\\d{2}\"", "id=[a-f]", "[0-9a-f]-[0-9a-f]", "\\d\\D\\d\\D\\d",
        "(?i)ERROR", "timeout",
        "1.{20}7", "GET.*5\\d\\d", "took=9\\d?ms", "level=(ok|error).*\\d", "Handler.*1", "user_4\\d",
        "dead.*beef.*\\d",
    ]

    /// Expressions whose many states stay apart, which is given up where lines cost less.
    private static let wide = [
        "[^ ]{90}", "\\w{30}", "(1.{9}|7.{8})x", "[^x]{100}", "(\\d|\\w\\W){12}", "\\w{195}", "a.{4}b.{4}c",
    ]

    /// Both find the lines; only the first may ask the block.
    private func check(_ pattern: String, _ lines: [[UInt8]], _ block: LogBlock, and others: [LineFilter] = []) throws {
        let searching = try Regex(searchingFor: pattern, dotMatchesNewline: false)
        let plain = try Regex(pattern, anchored: false, dotMatchesNewline: false)
        for operation in [LineFilter.Operation.matches, .notMatches] {
            let expected = LineFilter(operation, [.regex(plain)])
            let wanted = lines.indices.filter { row in
                lines[row].withUnsafeBytes { line in
                    expected.passes(line) && others.allSatisfy { $0.passes(line) }
                }
            }
            let filter = LineFilter(operation, [.regex(searching)])
            #expect(try block.rows(others + [filter]) == wanted, "/\(pattern)/ \(operation)")
            #expect(try block.rows([filter] + others, text: .lines) == wanted, "/\(pattern)/ \(operation)")
        }
    }

    @Test("finds exactly the lines that the expression matches", arguments: SampleLines.Style.allCases)
    func styles(style: SampleLines.Style) throws {
        for count in [1, 3, 400] {
            var sample = SampleLines(seed: UInt64(count))
            let lines = sample.lines(count, style)
            let block = try LogBlock(lines)
            for pattern in Self.patterns + Self.wide { try check(pattern, lines, block) }
        }
    }

    @Test("and of those that other filters leave", arguments: [SampleLines.Style.access, .json, .lookalikes, .mixed])
    func others(style: SampleLines.Style) throws {
        var sample = SampleLines(seed: 9)
        let lines = sample.lines(400, style)
        let block = try LogBlock(lines)
        for text in ["5", "o", "nowhere"] {
            for pattern in Self.patterns {
                try check(pattern, lines, block, and: [LineFilter(.contains, [.text(Array(text.utf8))])])
            }
        }
    }

    /// Variables at the ends of lines, next to each other, and of lengths that matter.
    @Test(
        "takes ends of lines and borders of variables for what they are",
        arguments: [
            " x$", "^n\\d+ x$", "\\d x$", "x \\d+$", "^\\d", "^\\d+$", "\\d$", "^n", "\\d{3}$", "^.{5}$", "x.*x",
            "\\b7\\b", "7\\b", "(?m)^7",
            "(?m)\\d$", "\\A7", "7\\z", "[^x]\\d\\d", "é.*\\d", "\\d.*é", "n(1|12) x",
        ])
    func borders(pattern: String) throws {
        var sample = SampleLines(seed: 12)
        let parts = ["n", "1", "12", "7", "77", " x", " ", "-", "\n", "é", "deadbeef01", "deadbeef02", ".", "\u{11}"]
        var lines: [[UInt8]] = []
        for index in 0..<600 {
            // Few lines have what is not ASCII, and few bytes are not UTF-8.
            var line: [UInt8] = index % 50 == 0 ? [0xff] : []
            for _ in 0..<sample.below(6) {
                line += Array(parts[sample.below(index % 7 == 0 ? parts.count : 8)].utf8)
            }
            lines.append(line)
        }
        try check(pattern, lines, try LogBlock(lines))
    }

    @Test(
        "ends with the query, also where no line is looked at", arguments: [LineFilter.Operation.matches, .notMatches])
    func cancelled(operation: LineFilter.Operation) throws {
        var sample = SampleLines(seed: 14)
        let block = try LogBlock(sample.lines(100, .access))
        let context = LogQueryContext()
        context.cancel()
        let filter = LineFilter(operation, [.regex(try Regex(searchingFor: "GET /p/\\d", dotMatchesNewline: false))])
        #expect(throws: LogQueryError.self) {
            try block.select(
                BlockSelection(start: .min, end: nil, filters: [filter], text: .none, context: context))
        }
    }

    @Test("takes several expressions for alternatives")
    func alternatives() throws {
        var sample = SampleLines(seed: 13)
        let lines = sample.lines(500, .mixed)
        let block = try LogBlock(lines)
        let operands: [LineFilter.Operand] = try ["[a-f]{6}\\d", "ok", "\\d{5}"].map {
            .regex(try Regex(searchingFor: $0, dotMatchesNewline: false))
        }
        for operation in [LineFilter.Operation.matches, .notMatches] {
            let filter = LineFilter(operation, operands)
            let wanted = lines.indices.filter { row in lines[row].withUnsafeBytes { filter.passes($0) } }
            #expect(try block.rows([filter]) == wanted)
        }
    }
}
