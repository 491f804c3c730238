/// Why a query cannot be parsed, and where; worded and positioned as Prometheus does.
package struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, without the position.
    package let message: String
    /// The offending bytes of the query.
    package let range: Range<Int>
    /// Line and column of the range's start, from 1.
    package let line: Int
    package let column: Int

    package init(_ message: String, at range: Range<Int>, in query: [UInt8]) {
        self.message = message
        self.range = range
        let before = query[..<min(range.lowerBound, query.count)]
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        column = range.lowerBound - lineStart + 1
    }

    package var description: String { "\(line):\(column): parse error: \(message)" }
}
