import LogQL
import LogStorage
import MartletCore
import Testing

extension LogBlock {
    /// A block of these lines, a second apart.
    convenience init(_ lines: [[UInt8]]) throws {
        var columns = LogColumns()
        for (row, line) in lines.enumerated() {
            line.withUnsafeBytes {
                columns.append(Int64(row) * 1_000_000_000, $0, UnsafeRawBufferPointer(start: nil, count: 0))
            }
        }
        try self.init(columns)
    }

    var bytes: [UInt8] {
        if case .memory(let bytes) = place { bytes } else { [] }
    }

    /// The rows of the lines that pass, as their times say.
    func rows(_ filters: [LineFilter], text: LogSelection.Text = .none) throws -> [Int] {
        try select(BlockSelection(start: .min, end: nil, filters: filters, text: text)).columns.timestamps.map {
            Int($0 / 1_000_000_000)
        }
    }
}

extension LogColumns {
    var allLines: [[UInt8]] {
        zip([0] + lineEnds.dropLast(), lineEnds).map { Array(lines[Int($0)..<Int($1)]) }
    }
}

@Suite("A log block")
struct LogBlockTests {
    @Test("gives back every line byte for byte", arguments: SampleLines.Style.allCases)
    func roundTrip(style: SampleLines.Style) throws {
        for count in [1, 2, 17, 700] {
            var sample = SampleLines(seed: UInt64(count))
            let lines = sample.lines(count, style)
            let decoded = try LogBlock(lines).decode()
            #expect(decoded.allLines == lines)
            #expect(decoded.timestamps == (0..<count).map { Int64($0) * 1_000_000_000 })
        }
    }

    @Test("gives back lines of a quarter of a megabyte", arguments: [0x11, 0x30, 0x61, 0x00, 0xFF] as [UInt8])
    func longLines(byte: UInt8) throws {
        let lines = [[UInt8](repeating: byte, count: 256 << 10), [], [byte], [UInt8](repeating: byte, count: 65_537)]
        let block = try LogBlock(lines)
        #expect(try block.decode().allLines == lines)
        #expect(try block.rows([LineFilter(.contains, [.text([byte, byte])])]) == [0, 3])
    }

    @Test("keeps times of any distance and metadata of any number of sets")
    func timesAndMetadata() throws {
        let times: [Int64] = [.min, -5, 0, 1_000_000, 1_700_000_000_123_456_789, .max]
        var columns = LogColumns()
        for (index, time) in times.enumerated() {
            let set = index % 2 == 0 ? Labels() : Labels([("trace", "\(index)")])
            set.bytes.withUnsafeBytes { columns.append(time, UnsafeRawBufferPointer(start: nil, count: 0), $0) }
        }
        let decoded = try LogBlock(columns).decode()
        #expect(decoded.timestamps == times)
        #expect(decoded.metadataIDs == columns.metadataIDs)
        #expect(decoded.setBytes == columns.setBytes)
        #expect(decoded.setEnds == columns.setEnds)
    }

    @Test("gives the entries of a range of time only, its end excluded")
    func range() throws {
        let block = try LogBlock((0..<100).map { Array("line \($0)".utf8) })
        let wanted = BlockSelection(start: 10_000_000_000, end: 13_000_000_000)
        let found = try block.select(wanted)
        #expect(found.columns.allLines == (10..<13).map { Array("line \($0)".utf8) })
        #expect(found.read == 3)
    }

    @Test("finds exactly the lines that a search in each of them finds", arguments: SampleLines.Style.allCases)
    func search(style: SampleLines.Style) throws {
        var sample = SampleLines(seed: 3)
        let lines = sample.lines(400, style)
        let block = try LogBlock(lines)
        for _ in 0..<400 {
            let needle = sample.needle(of: lines)
            let filter = LineFilter(.contains, [.text(needle)])
            let wanted = lines.indices.filter { row in lines[row].withUnsafeBytes { filter.passes($0) } }
            #expect(try block.rows([filter]) == wanted, "searching for \(needle)")
        }
    }

    @Test("finds digits in numbers, hexadecimal ones and UUIDs of any length", arguments: 1...19)
    func digits(length: Int) throws {
        var sample = SampleLines(seed: UInt64(length))
        for letters in ["", "abcdef", "ABCDEF"] {
            for size in [length, length + 1, 32] {
                let ids = sample.ids(size, letters)
                let lines = ids.map { Array("id \($0) end".utf8) }
                let block = try LogBlock(lines)
                for _ in 0..<60 {
                    let id = Array(ids[sample.below(ids.count)].utf8)
                    let start = sample.below(id.count)
                    var needle = Array(id[start..<min(id.count, start + 1 + sample.below(length))])
                    if sample.below(3) == 0 { needle[sample.below(needle.count)] = 0x30 + UInt8(sample.below(10)) }
                    let filter = LineFilter(.contains, [.text(needle)])
                    let wanted = lines.indices.filter { row in lines[row].withUnsafeBytes { filter.passes($0) } }
                    let found = try block.rows([filter])
                    #expect(found == wanted, "searching for \(String(decoding: needle, as: UTF8.self))")
                }
            }
        }
    }

    @Test("leaves out entries by their labels before it looks at lines", arguments: [1, 3, 300])
    func labels(sets: Int) throws {
        var sample = SampleLines(seed: 4)
        let lines = sample.lines(600, .mixed)
        var columns = LogColumns()
        var levels: [String] = []
        for (row, line) in lines.enumerated() {
            let level = row % 5 == 0 ? "" : "l\(sample.below(sets))"
            levels.append(level)
            line.withUnsafeBytes { line in
                Labels(level.isEmpty ? [] : [("level", level)]).bytes.withUnsafeBytes {
                    columns.append(Int64(row), line, $0)
                }
            }
        }
        let block = try LogBlock(columns)
        let conditions: [(String, (String) -> Bool)] = [
            (#"level="l0""#, { $0 == "l0" }), (#"level!="l0""#, { $0 != "l0" }), (#"level="""#, { $0.isEmpty }),
            (#"level=~"l.*""#, { !$0.isEmpty }), (#"level="none""#, { _ in false }), (#"app="a""#, { _ in true }),
        ]
        let filters: [[LineFilter]] = [
            [], [LineFilter(.contains, [.text(Array("e".utf8))])],
            [LineFilter(.notContains, [.text(Array("error".utf8))])],
            [LineFilter(.matches, [.regex(try Regex("(?i)ERROR|tok", anchored: false))])],
        ]
        for (condition, passes) in conditions {
            guard case .log(let expression) = try QueryExpression(parsing: "{app=\"a\"} | \(condition)") else { return }
            for filters in filters {
                for (start, end) in [(Int64.min, nil), (65, 500)] as [(Int64, Int64?)] {
                    let wanted = lines.indices.filter { row in
                        passes(levels[row]) && Int64(row) >= start && Int64(row) < end ?? .max
                            && filters.allSatisfy { filter in lines[row].withUnsafeBytes { filter.passes($0) } }
                    }
                    var selection = BlockSelection(start: start, end: end, filters: filters)
                    selection.labelCheck = LabelHintCheck(
                        LabelHint.hints(expression.stages), stream: Labels([("app", "a")]))
                    let found = try block.select(selection).columns
                    #expect(found.timestamps == wanted.map { Int64($0) }, "\(condition)")
                    #expect(found.allLines == wanted.map { lines[$0] })
                    for text in [LogSelection.Text.none, .lengths] {
                        selection.text = text
                        let counts = try block.count(selection, edges: TimeEdges([100, 300]), metadata: true)
                        let intervals = counts.groups.flatMap(\.intervals)
                        let bytes = text == .none ? 0 : wanted.reduce(0) { $0 + lines[$1].count }
                        #expect(intervals.reduce(0) { $0 + $1.lines } == wanted.count)
                        #expect(intervals.reduce(0) { $0 + $1.bytes } == bytes)
                    }
                }
            }
        }
    }

    @Test(
        "finds exactly the lines with a text in letters of any case that the expression finds",
        arguments: SampleLines.Style.allCases)
    func folded(style: SampleLines.Style) throws {
        var sample = SampleLines(seed: 8)
        var lines = sample.lines(400, style)
        // Other forms of s and k, which match as well, in some blocks.
        let others = lines + [Array("Re\u{17f}t".utf8), Array("to\u{212a}en 5\u{17f}".utf8)]
        lines += [Array("Error5S host12K 0xDEADBEEF12 MIXED7up".utf8), Array("ERROR5s HOST12k".utf8)]
        for lines in [lines, others] {
            let block = try LogBlock(lines)
            for _ in 0..<300 {
                var needle = sample.needle(of: lines).filter { $0 >= 0x20 && $0 < 0x7f }
                needle = needle.map { sample.below(2) == 0 ? Bytes.folded($0) : $0 }
                guard !needle.isEmpty else { continue }
                let escaped = needle.flatMap { byte -> [UInt8] in
                    ".+*?()|[]{}^$\\\"-".utf8.contains(byte) ? [UInt8(ascii: "\\"), byte] : [byte]
                }
                let regex = try Regex("(?i)" + String(decoding: escaped, as: UTF8.self), anchored: false)
                #expect(regex.foldedTexts == [needle.map(Bytes.folded)])
                for operation in [LineFilter.Operation.matches, .notMatches] {
                    let filter = LineFilter(operation, [.regex(regex)])
                    let wanted = lines.indices.filter { row in lines[row].withUnsafeBytes { filter.passes($0) } }
                    #expect(try block.rows([filter]) == wanted, "searching for \(regex.pattern)")
                }
            }
            for text in [
                "rest", "token", "k", "s", "5s", "deadbeef12", "mixed7UP", "host12k", "nothing|REST", "5s|deadbeef1",
            ] {
                let filter = LineFilter(.matches, [.regex(try Regex("(?i)" + text, anchored: false))])
                let wanted = lines.indices.filter { row in lines[row].withUnsafeBytes { filter.passes($0) } }
                #expect(try block.rows([filter]) == wanted, "searching for \(text)")
            }
        }
    }

    @Test("applies several filters, alternatives, negation and expressions as they apply to each line")
    func filters() throws {
        var sample = SampleLines(seed: 4)
        let lines = sample.lines(600, .mixed)
        let block = try LogBlock(lines)
        let candidates: [LineFilter] = [
            LineFilter(.contains, [.text(Array("error".utf8)), .text(Array("192.168".utf8))]),
            LineFilter(.notContains, [.text(Array("7".utf8))]),
            LineFilter(.notContains, [.text(Array("zzz".utf8)), .text(Array("ok".utf8))]),
            LineFilter(.matches, [.regex(try Regex("port [0-9]+5$", anchored: false))]),
            LineFilter(.matches, [.regex(try Regex("(?i)ERROR|Handler", anchored: false))]),
            LineFilter(.notMatches, [.regex(try Regex("[0-9]", anchored: false))]),
            LineFilter(.contains, [.text([])]),
            LineFilter(.pattern, [.pattern(try LinePattern(filter: "<_>level=<_> took=<_>"))]),
            LineFilter(
                .pattern,
                [.pattern(try LinePattern(filter: "<_>\"GET<_>")), .pattern(try LinePattern(filter: "<_>ok<_>"))]),
            LineFilter(.pattern, [.pattern(try LinePattern(filter: "<_>"))]),
            LineFilter(.notPattern, [.pattern(try LinePattern(filter: "<_>error<_>"))]),
        ]
        for first in candidates {
            for second in candidates {
                let wanted = lines.indices.filter { row in
                    lines[row].withUnsafeBytes { first.passes($0) && second.passes($0) }
                }
                #expect(try block.rows([first, second]) == wanted)
                let found = try block.select(BlockSelection(start: .min, end: nil, filters: [first, second]))
                #expect(found.columns.allLines == wanted.map { lines[$0] })
            }
        }
    }

    @Test("stops looking at lines when the query is cancelled")
    func cancellation() throws {
        let block = try LogBlock([[UInt8]](repeating: Array("no news".utf8), count: 1000))
        let filter = LineFilter(.matches, [.regex(try Regex("n.*w", anchored: false))])
        let context = LogQueryContext()
        context.cancel()
        #expect(throws: LogQueryError(.canceled, "the request was cancelled by the client")) {
            _ = try block.select(BlockSelection(start: .min, end: nil, filters: [filter], context: context))
        }
    }

    @Test("tells the lengths of lines without writing them out", arguments: SampleLines.Style.allCases)
    func lengths(style: SampleLines.Style) throws {
        var sample = SampleLines(seed: 5)
        let lines = sample.lines(500, style)
        let block = try LogBlock(lines)
        for filters in [[], [LineFilter(.contains, [.text(Array("a".utf8))])]] {
            let found = try block.select(BlockSelection(start: .min, end: nil, filters: filters, text: .lengths))
                .columns
            let passing = lines.filter { line in line.withUnsafeBytes { line in filters.allSatisfy { $0.passes(line) } }
            }
            #expect(zip([0] + found.lineEnds.dropLast(), found.lineEnds).map { Int($1 - $0) } == passing.map(\.count))
            #expect(found.lines.isEmpty)
        }
    }

    @Test("takes less than half of what its text takes with zstd alone, and rules out words that it has not")
    func size() throws {
        var sample = SampleLines(seed: 6)
        let lines = sample.lines(3000, .logfmt)
        let block = try LogBlock(lines)
        // Of 90 bytes 8 are the id, which no coder can make smaller.
        #expect(block.bytes.count < lines.count * 16)
        let filter = LineFilter(.contains, [.text(Array("nowhere to be found".utf8))])
        #expect(try block.rows([filter]).isEmpty)
    }
}

extension SampleLines {
    /// Texts of decimal digits, of several lengths, or of `size` hexadecimal ones with these letters; of 32 of these, UUIDs.
    mutating func ids(_ size: Int, _ letters: String) -> [String] {
        (0..<300).map { index in
            guard let last = letters.last else {
                return digits(index % 2 == 0 ? min(size, 19) : 1 + below(19), index % 4 < 2 ? "0123456789" : "049")
            }
            let id = Array(digits(size - 1, "0123456789" + letters) + "\(last)")
            guard size == 32 else { return String(id) }
            return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(id[$0]) }.joined(separator: "-")
        }
    }

    private mutating func digits(_ count: Int, _ from: String) -> String {
        let digits = Array(from)
        return String((0..<count).map { _ in digits[below(digits.count)] })
    }

    /// Part of some line, perhaps with a changed byte: as a rule it is found in few lines.
    mutating func needle(of lines: [[UInt8]]) -> [UInt8] {
        let line = lines[below(lines.count)]
        guard !line.isEmpty else { return [UInt8(below(256))] }
        let start = below(line.count)
        let count = 1 + below(min(line.count - start, [2, 5, 12, 40][below(4)]))
        var needle = Array(line[start..<start + count])
        if below(4) == 0 { needle[below(count)] = below(2) == 0 ? UInt8(below(256)) : 0x30 + UInt8(below(10)) }
        return needle
    }
}
