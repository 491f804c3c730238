import HTTPTypes
import LogQL
import MartletCore
import Service

/// Times, steps and limits as Loki reads them. Nanoseconds throughout.
struct QueryParameters {
    private let form: FormParameters
    private let now: Int64

    init(_ form: FormParameters, now: Int64) {
        self.form = form
        self.now = now
    }

    private static let hour: Int64 = 3_600_000_000_000
    /// Times that queries may name, 1896 to 2116: far enough from the edges of 64 bits that ranges, offsets and steps can be
    /// added to them.
    private static let earliest: Int64 = -1 << 61
    private static let latest: Int64 = 1 << 62

    /// A time of a query, and so much later, as far as queries may go.
    static func later(_ time: Int64, by nanoseconds: Int64) -> Int64 {
        let (sum, overflow) = time.addingReportingOverflow(nanoseconds)
        return overflow ? latest : min(sum, latest)
    }

    /// `start` and `end`: the last hour, or the last `since`, unless given.
    func range() throws -> (start: Int64, end: Int64) {
        var end = try time("end") ?? now
        let since = try form["since"].map { try Self.duration($0, "since") } ?? Self.hour
        let start = try time("start")
        if form["end"] == nil, let start, start > now { end = start }
        let (before, overflow) = min(end, now).subtractingReportingOverflow(since)
        let from = start ?? max(Self.earliest, overflow ? Self.earliest : before)
        guard from <= end else {
            throw HTTPFailure(.badRequest, "end timestamp must not be before or equal to start time")
        }
        return (from, end)
    }

    /// `time` of an instant query.
    func instant() throws -> Int64 { try time("time") ?? now }

    /// `limit`, or another number of things: at least 1, 100 unless given.
    func limit(_ name: String = "limit", default value: Int = 100) throws -> Int {
        let limit = try whole(name, default: value)
        guard limit > 0 else { throw HTTPFailure(.badRequest, "limit must be a positive value") }
        guard limit <= UInt32.max else {
            throw HTTPFailure(.badRequest, "\(name) value \(limit) is out of range [0, \(UInt32.max)]")
        }
        return limit
    }

    /// A whole number.
    func whole(_ name: String, default value: Int) throws -> Int {
        guard let text = form[name] else { return value }
        guard let number = Int(text) else {
            throw HTTPFailure(
                .badRequest, "could not parse \(name): strconv.Atoi: parsing \(GoQuote.quote(text)): invalid syntax")
        }
        return number
    }

    /// `direction`: newest first unless given.
    func direction() throws -> LogSelection.Direction {
        guard let text = form["direction"] else { return .backward }
        guard let direction = LogSelection.Direction(rawValue: text.lowercased()) else {
            throw HTTPFailure(.badRequest, "invalid direction '\(text)'")
        }
        return direction
    }

    /// `step`: a 250th of the range in whole seconds, at least one, unless given.
    func step(start: Int64, end: Int64) throws -> Int64 {
        guard let text = form["step"] else { return max((end - start) / 1_000_000_000 / 250, 1) * 1_000_000_000 }
        let step = try Self.duration(text, "step")
        guard step > 0 else {
            throw HTTPFailure(
                .badRequest, "zero or negative query resolution step widths are not accepted. Try a positive integer")
        }
        return step
    }

    /// `interval`: 0 unless given.
    func interval() throws -> Int64 {
        guard let text = form["interval"] else { return 0 }
        let interval = try Self.duration(text, "interval")
        guard interval >= 0 else { throw HTTPFailure(.badRequest, "interval must be >= 0") }
        return interval
    }

    /// `cursor`: nil where it is not there, a place for the first page where it is empty.
    func cursor() throws -> LogCursor?? {
        guard let text = form.all("cursor").first else { return nil }
        if text.isEmpty { return .some(nil) }
        guard let cursor = LogCursor(text: text) else {
            throw HTTPFailure(.badRequest, "could not parse 'cursor' parameter: it is none that this server gave")
        }
        return .some(cursor)
    }

    private func time(_ name: String) throws -> Int64? {
        guard let text = form[name] else { return nil }
        guard let time = Self.time(text) else {
            throw HTTPFailure(
                .badRequest,
                "could not parse '\(name)' parameter: cannot parse \(GoQuote.quote(text)) to a valid timestamp")
        }
        return time
    }

    /// A number with a dot is seconds; a whole number of up to 10 digits seconds, of more nanoseconds; else RFC 3339. nil
    /// when it is none of them, or out of range.
    static func time(_ text: String) -> Int64? {
        guard let time = nanoseconds(text), time > earliest, time < latest else { return nil }
        return time
    }

    private static func nanoseconds(_ text: String) -> Int64? {
        if text.contains("."), let seconds = Double(text) {
            guard seconds.magnitude < Double(latest) / 1e9 else { return nil }
            return Int64(seconds.rounded(.down)) * 1_000_000_000
                + Int64(((seconds - seconds.rounded(.down)) * 1e9).rounded())
        }
        if let number = Int64(text) {
            guard text.utf8.count <= 10 else { return number }
            let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: 1_000_000_000)
            return overflow ? nil : nanoseconds
        }
        return RFC3339.parse(text)?.unixNanoseconds
    }

    /// Float seconds, or a duration.
    static func duration(_ text: String, _ name: String) throws -> Int64 {
        if let seconds = Double(text) {
            // Up to 146 years, as for times.
            guard seconds.magnitude < Double(latest) / 1e9 else { throw invalid(text, name) }
            return Int64(seconds * 1e9)
        }
        let parsed = (try? PrometheusDuration.parse(text) * 1_000_000) ?? (try? GoDuration.parse(text))
        guard let parsed, parsed > -latest, parsed < latest else { throw invalid(text, name) }
        return parsed
    }

    private static func invalid(_ text: String, _ name: String) -> HTTPFailure {
        HTTPFailure(
            .badRequest, "could not parse '\(name)' parameter: cannot parse \(GoQuote.quote(text)) to a valid duration")
    }
}

extension LogLimits {
    /// Refuses more lines than a query may give.
    func checkEntries(_ limit: Int, of parameter: String = "limit") throws(HTTPFailure) {
        guard limit > maxEntriesPerQuery, maxEntriesPerQuery != 0 else { return }
        throw HTTPFailure(
            .badRequest,
            "max entries limit per query exceeded, \(parameter) > max_entries_limit_per_query (\(limit) > \(maxEntriesPerQuery))"
        )
    }
}
