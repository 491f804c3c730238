import LogQL
import MartletCore
import Testing

@Suite("Line filters")
struct LineFilterTests {
    @Test("over a run of lines select exactly the lines that pass one by one", arguments: [1, 2, 3, 4] as [UInt64])
    func agreement(seed: UInt64) throws {
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<300 {
            // Two letters only: hits that reach over the ends of lines are common.
            let lines = (0..<random(12)).map { _ in (0..<random(7)).map { _ in UInt8(97 + random(2)) } }
            let slab = lines.flatMap { $0 }
            var ends: [UInt32] = []
            for line in lines { ends.append((ends.last ?? 0) + UInt32(line.count)) }
            func text() -> LineFilter.Operand { .text((0..<random(4)).map { _ in UInt8(97 + random(2)) }) }
            let filters: [LineFilter] = [
                LineFilter(.contains, [text()]),
                LineFilter(random(2) == 0 ? .contains : .notContains, [text(), text()]),
                LineFilter(random(2) == 0 ? .matches : .notMatches, [.regex(try Regex("a+b|ba", anchored: false))]),
            ]
            let chosen = Array(filters.prefix(random(4)))
            let first = random(lines.count + 1)
            var rows: [UInt32] = []
            try slab.withUnsafeBytes { slab in
                try ends.withUnsafeBufferPointer { ends in
                    try LineFilter.select(
                        chosen, range: first..<lines.count, lines: slab, lineEnds: ends, into: &rows,
                        context: LogQueryContext())
                }
            }
            let expected = (first..<lines.count).filter { row in
                lines[row].withUnsafeBytes { line in chosen.allSatisfy { $0.passes(line) } }
            }
            #expect(rows == expected.map { UInt32($0) })
        }
    }

    @Test(
        "find addresses",
        arguments: [
            ("10.0.0.0/8", "from 10.1.2.3:8080 ok", true), ("10.0.0.0/8", "from 11.1.2.3", false),
            ("192.168.0.1-192.168.0.9", "x=192.168.0.5,", true), ("192.168.0.1-192.168.0.9", "192.168.0.10", false),
            ("::1", "addr ::1 end", true), ("2001:db8::/32", "2001:db8:1::7", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("1.2.3.4", "version 1.2.3.4.5", false), ("127.0.0.1", "127.0.0.1.", true),
            ("10.0.0.0/8", "client:10.0.0.1", true), ("10.0.0.0/8", "a10.0.0.1", true),
            ("10.0.0.0/8", "12:30:45 10.0.0.1", true), ("10.0.0.0/8", "ip=10.0.0.1/24", true),
            ("10.0.0.0/8", "10.0.0", false), ("10.0.0.0/8", "1:", false), ("::1", "[::1]:80", true),
            ("::1", "::", false),
            ("fe80::/10", "if=fe80::1%eth0", true), ("fe80::/10", "to fe80::1: refused", true),
        ])
    func addresses(pattern: String, line: String, expected: Bool) throws {
        let filter = LineFilter(.contains, [.address(try AddressMatcher(pattern))])
        #expect(Bytes.of(line) { filter.passes($0) } == expected)
    }

    @Test(
        "match patterns over the whole line",
        arguments: [
            ("<_> error <_>", "an error here", true), ("<_> error <_>", " error x", false),
            ("<_>done", "is done", true),
            ("<_>done", "done", false), ("<_>done", "done again", false), ("", "", true), ("", "x", false),
            ("<_> end", "a end b end", false), ("<_>a<_>", "aab", false), ("<_>a<_>", "baab", true),
            ("foo", "xfoo", true), ("foo", "foox", false), ("foo <_>", "x foo y", true), ("<_>", "x", true),
            ("<_>", "", false), ("a<_>b<_>", "axb", false),
        ])
    func patterns(pattern: String, line: String, expected: Bool) throws {
        let filter = LineFilter(.pattern, [.pattern(try LinePattern(filter: pattern))])
        #expect(Bytes.of(line) { filter.passes($0) } == expected)
    }
}
