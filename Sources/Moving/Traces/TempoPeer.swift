import MartletCore
import Peers
import Service
import Wire

/// Tempo's query API, as an import needs it; martlet-traces speaks it too.
package struct TempoPeer: Sendable {
    private static let traceBytes = 256 << 20
    private static let searchBytes = 256 << 20

    let peer: Peer

    /// What became of a search.
    enum Reply {
        /// The traces, and whether the server says that it has looked everywhere.
        case traces([FoundTrace], isWhole: Bool)
        /// The server allows no more traces in an answer.
        case limit(Int)
    }

    /// A trace by id.
    enum Trace: Sendable {
        /// Resource spans as field 1, which is an export request as well; what the server says of what it left out.
        case found([UInt8], partial: String?)
        case missing
    }

    /// Traces with spans in a range, at most `limit`.
    func search(_ search: TracePlan.Search) async throws -> Reply {
        let answer = try await peer.attempt(
            "/api/search",
            [
                ("q", "{}"), ("start", "\(search.from)"), ("end", "\(search.until)"), ("limit", "\(search.limit)"),
                ("spss", "1"),
            ], limit: Self.searchBytes)
        if answer.status == 200 {
            do {
                return try Self.reply(answer.body)
            } catch {
                throw Peer.Failure(
                    reason: "\(peer.url) answers what Tempo does not: \(error)", isAboutSize: false)
            }
        }
        if let most = Self.limit(answer.text), most < search.limit { return .limit(most) }
        throw peer.refusal("/api/search", answer)
    }

    /// `limit 5000 exceeds max_result_limit 1000` and the like.
    static func limit(_ text: String) -> Int? {
        guard text.contains("limit"), text.contains("exceeds") || text.contains("greater than") else { return nil }
        let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }.filter { $0 > 0 }
        return numbers.min()
    }

    static func reply(_ body: [UInt8]) throws(JSONError) -> Reply {
        let document = try JSONValue(parsing: body)
        var found: [FoundTrace] = []
        for trace in document["traces"]?.array ?? [] {
            guard let text = trace["traceID"]?.string, let id = OTLP.TraceID(hex: text) else {
                throw JSONError(offset: 0, reason: "a trace without an id")
            }
            let start = Int64(trace["startTimeUnixNano"]?.string ?? "") ?? 0
            let duration = trace["durationMs"]?.int64 ?? 0
            found.append(FoundTrace(id: id, end: start / 1_000_000_000 + duration / 1000 + 2))
        }
        let metrics = document["metrics"]
        let number = { (name: String) -> Int64? in
            metrics?[name].flatMap { $0.int64 ?? $0.string.flatMap { Int64($0) } }
        }
        let isWhole = (number("completedJobs") ?? 0) >= (number("totalJobs") ?? 0)
        return .traces(found, isWhole: isWhole)
    }

    /// A trace by its id: version 2 of the call, or version 1 where the server does not have it.
    func trace(_ id: OTLP.TraceID, _ patience: Patience) async throws -> Trace {
        let accept = [(name: "Accept", value: "application/protobuf")]
        let second = try await peer.ask(
            "/api/v2/traces/\(id)", fields: accept, limit: Self.traceBytes, patience: patience)
        if second.status == 200, let answer = TraceAnswer(second.body), !answer.trace.isEmpty {
            return .found(answer.trace, partial: answer.partial)
        }
        let first = try await peer.ask(
            "/api/traces/\(id)", fields: accept, limit: Self.traceBytes, patience: patience)
        switch first.status {
        case 200 where !first.body.isEmpty: return .found(first.body, partial: nil)
        case 200, 404: return .missing
        default: throw peer.refusal("/api/traces/\(id)", first)
        }
    }

    /// Steps of one question about numbers of spans: servers refuse more.
    private static let mostSteps: Int64 = 10_000

    /// Spans that begin in a range of Unix seconds, at most a day.
    func spans(from start: Int64, until end: Int64, _ patience: Patience) async throws -> Int64 {
        // Steps begin at multiples of their length: where these are not the range's ends, spans beyond it would count.
        var (step, rest) = (end, start)
        while rest != 0 { (step, rest) = (rest, step % rest) }
        var count: Int64 = 0
        var first = start
        while first < end {
            let last = min(end, first + step * Self.mostSteps)
            count += try await spans(from: first, until: last, step: step, patience)
            first = last
        }
        return count
    }

    private func spans(from start: Int64, until end: Int64, step: Int64, _ patience: Patience) async throws -> Int64 {
        let path = "/api/metrics/query_range"
        let answer = try await peer.ask(
            path,
            [
                ("q", "{} | count_over_time()"), ("start", "\(start)"), ("end", "\(end)"), ("step", "\(step)s"),
            ], patience: patience)
        guard answer.status == 200, let document = try? JSONValue(parsing: answer.body) else {
            throw peer.refusal(path, answer)
        }
        var counts: [Double] = []
        for series in document["series"]?.array ?? [] {
            for sample in series["samples"]?.array ?? [] {
                // A sample counts what begins after the one before, up to its own time: one at the start, what is before it.
                if let text = sample["timestampMs"]?.string, let time = Int64(text), time <= start * 1000 { continue }
                counts.append(sample["value"]?.double ?? 0)
            }
        }
        guard let count = Peer.count(counts) else {
            throw ToolError("\(peer.url)\(path) answers no number of spans")
        }
        return count
    }
}
