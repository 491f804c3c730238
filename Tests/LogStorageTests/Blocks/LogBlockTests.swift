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
