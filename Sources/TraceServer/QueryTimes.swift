import HTTPTypes
import MartletCore
import Service
import TraceQL

/// The range of a query: `start` and `end` in Unix seconds, fractions of them, nanoseconds, or RFC 3339.
struct QueryTimes {
    /// How long a range may be, and what raises it.
    struct Limit {
        /// 0 for any.
        let seconds: Int
        let key: String

        func check(_ range: TimeRange) throws(HTTPFailure) {
            let length = (range.end - range.start) / 1_000_000_000
            if seconds > 0, length > UInt64(seconds) {
                throw HTTPFailure(
                    .badRequest, "range of \(length) s exceeds the limit of \(seconds) s; raise \(key)")
            }
        }
    }

    let range: TimeRange

    /// The range of a search. Without a start it is all of time, however long; without an end it goes on beyond now, which
    /// counts as its end for the limit.
    init(_ parameters: QueryParameters, limit: Limit? = nil, now: UInt64) throws(HTTPFailure) {
        let (start, end) = try Self.bounds(parameters)
        if let start { try limit?.check(TimeRange(start: start, end: end ?? now)) }
        range = TimeRange(start: start ?? 0, end: end ?? .max)
    }

    /// The range of a metrics query: up to now unless it has an end, from `since` (an hour) before that unless it has a start.
    init(metrics parameters: QueryParameters, limit: Limit, now: UInt64) throws(HTTPFailure) {
        let bounds = try Self.bounds(parameters)
        let since = try parameters["since"].map { text throws(HTTPFailure) in try Self.duration("since", text) }
        let end = bounds.end.flatMap { $0 == .max ? nil : $0 } ?? now
        let start = bounds.start ?? end - min(end, since ?? 3_600_000_000_000)
        if bounds.start != nil { try Self.checkOrder(start, end) }
        range = TimeRange(start: start, end: end)
        try limit.check(range)
    }

    private static func bounds(_ parameters: QueryParameters) throws(HTTPFailure) -> (start: UInt64?, end: UInt64?) {
        let start = try time("start", parameters)
        let end = try time("end", parameters)
        if let start, let end { try checkOrder(start, end) }
        return (start, end)
    }

    private static func checkOrder(_ start: UInt64, _ end: UInt64) throws(HTTPFailure) {
        guard start < end else {
            throw HTTPFailure(
                .badRequest,
                "http parameter start must be before end: start=\(start / 1_000_000_000) end=\(end / 1_000_000_000)"
            )
        }
    }

    /// Nanoseconds end in the year 2262: beyond it no span's time can be told from a wrong one.
    private static let latest = UInt64(Int64.max)

    /// Unix nanoseconds of a parameter; nil when it is absent, empty or 0. Seconds beyond the last nanosecond are the end of
    /// time, nanoseconds beyond it are refused.
    private static func time(_ name: String, _ parameters: QueryParameters) throws(HTTPFailure) -> UInt64? {
        guard let text = parameters[name], !text.isEmpty, text != "0" else { return nil }
        if let whole = UInt64(text) {
            // Seconds until the year 5138; larger numbers are nanoseconds.
            guard whole < 100_000_000_000 else {
                if whole <= latest { return whole }
                throw HTTPFailure(.badRequest, "invalid \(name): \(whole) ns is beyond the last time, \(latest) ns")
            }
            let (nanoseconds, overflow) = whole.multipliedReportingOverflow(by: 1_000_000_000)
            return overflow || nanoseconds > latest ? .max : nanoseconds
        }
        if let seconds = Double(text), seconds >= 0, seconds < 1e11 {
            let nanoseconds = UInt64(exactly: (seconds * 1e9).rounded(.down)) ?? .max
            return nanoseconds > latest ? .max : nanoseconds
        }
        if let instant = RFC3339.parse(text)?.unixNanoseconds, instant >= 0 { return UInt64(instant) }
        throw HTTPFailure(.badRequest, "invalid \(name): \"\(text.prefix(64))\" is neither Unix time nor RFC 3339")
    }

    /// Nanoseconds of a duration in Go's or Prometheus' syntax, or of a number of seconds.
    static func duration(_ name: String, _ text: String) throws(HTTPFailure) -> UInt64 {
        if let seconds = Double(text), seconds >= 0, seconds < 9e9 { return UInt64(seconds * 1e9) }
        if let nanoseconds = try? GoDuration.parse(text), nanoseconds >= 0 { return UInt64(nanoseconds) }
        if let milliseconds = try? PrometheusDuration.parse(text), milliseconds >= 0, milliseconds < 9_000_000_000_000 {
            return UInt64(milliseconds) * 1_000_000
        }
        throw HTTPFailure(.badRequest, "invalid \(name): \"\(text.prefix(64))\" is not a duration")
    }
}
