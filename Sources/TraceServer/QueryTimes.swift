import HTTPTypes
import MartletCore
import Service
import TraceQL

/// The range of a query: `start` and `end` in Unix seconds, fractions of them, nanoseconds, or RFC 3339.
struct QueryTimes {
    let range: TimeRange
    let isGiven: Bool

    /// - Parameters:
    ///   - maximumSeconds: longest range; 0 for any.
    ///   - key: what raises it, for the error.
    init(_ parameters: QueryParameters, maximumSeconds: Int, key: String) throws(HTTPFailure) {
        let start = try Self.time("start", parameters)
        let end = try Self.time("end", parameters)
        isGiven = start != nil || end != nil
        range = TimeRange(start: start ?? 0, end: end ?? .max)
        if let start, let end {
            guard start < end else {
                throw HTTPFailure(
                    .badRequest,
                    "http parameter start must be before end: start=\(start / 1_000_000_000) end=\(end / 1_000_000_000)"
                )
            }
            if maximumSeconds > 0, (end - start) / 1_000_000_000 > UInt64(maximumSeconds) {
                throw HTTPFailure(
                    .badRequest,
                    "range of \((end - start) / 1_000_000_000) s exceeds the limit of \(maximumSeconds) s; raise \(key)"
                )
            }
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
