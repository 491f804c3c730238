import HTTPTypes
import Hummingbird
import MartletCore
import PromQL
import Service
import Wire

/// The parameters of an API call, from the URL and, for POST, from a form, with Prometheus' rules and error texts.
struct RequestParameters {
    /// Bytes of a form.
    private static let formLimit = 10 << 20
    /// Earliest and latest times that are taken, as Prometheus' `minTime` and `maxTime`.
    private static let earliest = Int64.min / 2
    private static let latest = Int64.max / 2

    private let pairs: [(name: String, value: String)]

    init(_ request: Request, _ context: ServiceContext) async throws {
        var pairs = QueryParameters(request).pairs
        if request.method == .post || request.method == .put {
            let body = try await requestBody(request, context, limit: Self.formLimit)
            // As Go's FormValue has it, the form comes before the URL.
            pairs = QueryParameters(encoded: String(buffer: body)).pairs + pairs
        }
        self.pairs = pairs
    }

    subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// Milliseconds; nil when the parameter is absent.
    func time(_ name: String) throws(APIError) -> Int64? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard let time = Self.milliseconds(text) else {
            throw .badParameter(name, "invalid time value for '\(name)': \(Self.noTime(text))")
        }
        return time
    }

    private static func milliseconds(_ text: String) -> Int64? {
        switch text {
        // Prometheus' own first and last moment, whose years RFC 3339 has no room for.
        case "-292273086-05-16T16:47:06Z": earliest
        case "292277025-08-18T07:12:54.999999999Z": latest
        default:
            (number(text).flatMap { TimestampMs(unixSeconds: $0)?.rawValue } ?? RFC3339.parse(text)?.unixMilliseconds)
                .map { min(max($0, earliest), latest) }
        }
    }

    /// A number as Go reads it.
    private static func number(_ text: String) -> Double? { Bytes.of(text) { FloatParser.parse($0) } }

    private static func noTime(_ text: String) -> String {
        "cannot parse \(GoQuote.quote(text)) to a valid timestamp"
    }

    /// A truth value, in the forms that Go reads; false when absent.
    func flag(_ name: String) throws(APIError) -> Bool {
        switch self[name] {
        case nil, "", "0", "f", "F", "false", "False", "FALSE": return false
        case "1", "t", "T", "true", "True", "TRUE": return true
        case .some(let text): throw .badParameter(name, "unable to parse boolean \(GoQuote.quote(text))")
        }
    }

    /// A time that must be there.
    func requiredTime(_ name: String) throws(APIError) -> Int64 {
        let text = self[name] ?? ""
        guard let time = Self.milliseconds(text) else { throw .badParameter(name, Self.noTime(text)) }
        return time
    }

    /// Milliseconds, from seconds as a number or from a duration; nil when absent.
    func duration(_ name: String) throws(APIError) -> Int64? {
        do throws(APIError) {
            return try unnamedDuration(name)
        } catch {
            throw .badParameter(name, error.message)
        }
    }

    /// The same, with errors that do not name the parameter.
    func unnamedDuration(_ name: String) throws(APIError) -> Int64? {
        guard let text = self[name], !text.isEmpty else { return nil }
        if let seconds = Self.number(text) {
            // What Go's durations can hold.
            guard seconds.magnitude <= 9_223_372_036.854775807 else {
                throw .badData("cannot parse \(GoQuote.quote(text)) to a valid duration. It overflows int64")
            }
            return Int64((seconds * 1000).rounded(.towardZero))
        }
        guard let duration = try? PrometheusDuration.parse(text) else {
            throw .badData("cannot parse \(GoQuote.quote(text)) to a valid duration")
        }
        return duration
    }

    /// A count; 0 when absent.
    func limit(_ name: String = "limit") throws(APIError) -> Int {
        guard let text = self[name], !text.isEmpty else { return 0 }
        guard let limit = Int(text) else {
            let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
            let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
            throw .badParameter(
                name,
                "strconv.Atoi: parsing \(GoQuote.quote(text)): "
                    + (isNumber ? "value out of range" : "invalid syntax"))
        }
        guard limit >= 0 else { throw .badParameter(name, "limit must be non-negative") }
        // One more is asked for to know whether something is left out.
        return min(limit, .max - 1)
    }

    /// How many entries of metadata are wanted: all when absent or negative, none at 0.
    func entryLimit(_ name: String = "limit") throws(APIError) -> Int {
        guard let text = self[name], !text.isEmpty else { return .max }
        guard let limit = Int(text) else { throw .badData("\(name) must be a number") }
        return limit < 0 ? .max : limit
    }

    /// The series selectors of `match[]`, each with a matcher that an absent label does not pass. Errors do not name the
    /// parameter, as in most calls of Prometheus.
    func matchers() throws(APIError) -> [[Matcher]] {
        let selectors = try anyMatchers()
        guard selectors.allSatisfy({ !$0.allSatisfy(\.matchesEmpty) }) else {
            throw .badData("match[] must contain at least one non-empty matcher")
        }
        return selectors
    }

    /// The series selectors of `match[]`, which may be such that all series pass but some. One without a matcher selects
    /// none.
    func anyMatchers() throws(APIError) -> [[Matcher]] {
        var result: [[Matcher]] = []
        for text in all("match[]") {
            do throws(ParseError) {
                result.append(try Parser.parseAnySelector(text))
            } catch {
                throw .badData(error.description)
            }
        }
        return result
    }

    /// Matchers with errors that name the parameter.
    func named(_ matchers: (RequestParameters) throws(APIError) -> [[Matcher]]) throws(APIError) -> [[Matcher]] {
        do throws(APIError) {
            return try matchers(self)
        } catch {
            throw .badParameter("match[]", error.message)
        }
    }

    /// `start` and `end` with everything as the default. An end before the start is a time at which nothing can be.
    func timeRange() throws(APIError) -> ClosedRange<Int64> {
        let start = try time("start") ?? Self.earliest
        let end = try time("end") ?? Self.latest
        return start <= end ? start...end : Self.earliest...Self.earliest
    }
}
