import MartletCore
package import Wire

/// Counts the spans of a trace as OTLP has it, without reading more of them than their times.
package struct SpanCount: Sendable, Hashable {
    /// All of them.
    package private(set) var total: Int64 = 0
    /// Those that begin within a range, by Unix day. As with what servers count, one that begins at the very edge of two days or
    /// ranges is of the earlier.
    package private(set) var days: [Int64: Int64] = [:]

    /// - Parameters:
    ///   - body: resource spans as field 1.
    ///   - range: Unix seconds that `days` is about.
    package init(_ body: [UInt8], in range: Range<Int64>) throws(WireError) {
        var count = SpanCount()
        try body.withUnsafeBufferPointer { (buffer: UnsafeBufferPointer<UInt8>) throws(WireError) in
            var traces = ProtoCursor(UnsafeRawBufferPointer(buffer))
            while try traces.next() {
                guard traces.field == 1 else {
                    try traces.skip()
                    continue
                }
                try Self.each(2, of: try traces.message()) { (scope) throws(WireError) in
                    try Self.each(2, of: scope) { (span) throws(WireError) in
                        try count.add(span, range)
                    }
                }
            }
        }
        self = count
    }

    private init() {}

    private static func each(
        _ field: UInt32, of message: ProtoCursor, _ body: (ProtoCursor) throws(WireError) -> Void
    ) throws(WireError) {
        var message = message
        while try message.next() {
            if message.field == field {
                try body(try message.message())
            } else {
                try message.skip()
            }
        }
    }

    private mutating func add(_ span: ProtoCursor, _ range: Range<Int64>) throws(WireError) {
        var span = span
        var start: Int64 = 0
        while try span.next() {
            if span.field == 7 {
                start = Int64(clamping: try span.fixed64())
            } else {
                try span.skip()
            }
        }
        total += 1
        let before = max(start, 1) - 1
        if range.contains(before / 1_000_000_000) { days[before / 86_400_000_000_000, default: 0] += 1 }
    }

    /// Adds another count.
    package mutating func add(_ other: SpanCount) {
        total += other.total
        days.merge(other.days, uniquingKeysWith: +)
    }

    /// No spans.
    package static let none = SpanCount()
}
