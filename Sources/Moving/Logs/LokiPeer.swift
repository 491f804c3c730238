import MartletCore
import Peers
import Service

/// Loki's query API, as an import needs it; martlet-logs speaks it too.
package struct LokiPeer: Sendable {
    private static let flags = [(name: "X-Loki-Response-Encoding-Flags", value: "categorize-labels")]
    /// Bytes of an answer that are read.
    private static let pageBytes = 128 << 20
    private static let seriesBytes = 256 << 20

    let peer: Peer

    /// What became of a request for lines.
    enum Reply {
        case page(LogPage)
        /// The server allows no more lines in an answer.
        case lineLimit(Int)
        /// The server allows no longer range; nanoseconds.
        case rangeLimit(Int64)
    }

    /// At most `limit` lines of a query, oldest first. `end` is not included.
    func page(_ query: String, from start: Int64, until end: Int64, limit: Int) async throws -> Reply {
        let answer = try await peer.attempt(
            "/loki/api/v1/query_range",
            [
                ("query", query), ("start", "\(start)"), ("end", "\(end)"), ("limit", "\(limit)"),
                ("direction", "forward"),
            ], fields: Self.flags, limit: Self.pageBytes)
        if answer.status == 200 {
            do {
                return .page(try LogPage(answer.body))
            } catch {
                throw Peer.Failure(
                    reason: "\(peer.url) answers what Loki does not: \(error)", isAboutSize: false)
            }
        }
        if let reply = Self.limit(answer.text) { return reply }
        if answer.text.contains("would read too many bytes") || answer.text.contains("too many outstanding") {
            throw Peer.Failure(reason: "\(peer.url): \(answer.text)", isAboutSize: true)
        }
        throw peer.refusal("/loki/api/v1/query_range", answer)
    }

    /// Limits that an answer with status 400 names, in Loki's words.
    static func limit(_ text: String) -> Reply? {
        if text.contains("max entries limit per query exceeded"), let open = text.lastIndex(of: "("),
            let arrow = text[open...].firstIndex(of: ">"),
            let most = Int(text[text.index(after: arrow)...].filter(\.isNumber)), most > 0
        {
            return .lineLimit(most)
        }
        if text.contains("query time range exceeds the limit"), let mark = text.firstRange(of: "limit: ") {
            let length = text[mark.upperBound...].prefix { $0.isNumber || $0.isLetter }
            if let milliseconds = try? PrometheusDuration.parse(String(length)), milliseconds > 0 {
                return .rangeLimit(milliseconds * 1_000_000)
            }
        }
        return nil
    }

    /// Which names of labels occur together in streams with lines in a range of Unix seconds, and in how many streams. A stream
    /// counts once for each day on which it has lines.
    func labelSets(from start: Int64, until end: Int64, _ patience: Patience) async throws -> [[String]: Int] {
        var sets: [[String]: Int] = [:]
        var day = start
        while day < end {
            let next = min(end, day + 86_400)
            let answer = try await peer.ask(
                "/loki/api/v1/series", [("start", "\(day)000000000"), ("end", "\(next)000000000")],
                limit: Self.seriesBytes, patience: patience)
            // Old ones want a selector here, which needs the names that are asked for.
            guard answer.status == 200 else { return try await labelNames(from: start, until: end, patience) }
            do {
                try Self.countLabelSets(answer.body, into: &sets)
            } catch {
                throw ToolError("\(peer.url)/loki/api/v1/series answers what Loki does not: \(error)")
            }
            day = next
        }
        return sets
    }

    /// Each name of a label by itself.
    private func labelNames(
        from start: Int64, until end: Int64, _ patience: Patience
    ) async throws -> [[String]: Int] {
        var sets: [[String]: Int] = [:]
        var day = start
        while day < end {
            let next = min(end, day + 86_400)
            let answer = try await peer.ask(
                "/loki/api/v1/labels", [("start", "\(day)000000000"), ("end", "\(next)000000000")], patience: patience)
            guard answer.status == 200, let document = try? JSONValue(parsing: answer.body) else {
                throw peer.refusal("/loki/api/v1/labels", answer)
            }
            for name in document["data"]?.array ?? [] {
                if let name = name.string, !name.hasPrefix("__") { sets[[name], default: 0] += 1 }
            }
            day = next
        }
        return sets
    }

    static func countLabelSets(_ body: [UInt8], into sets: inout [[String]: Int]) throws(JSONError) {
        var found = sets
        try Bytes.of(body) { (buffer) throws(JSONError) in
            var reader = JSONReader(buffer)
            try reader.beginObject()
            while try reader.nextKey() {
                guard reader.isKey("data"), try reader.peek() == .array else {
                    try reader.skipValue()
                    continue
                }
                try reader.beginArray()
                while try reader.nextElement() {
                    var names: [String] = []
                    try reader.beginObject()
                    while try reader.nextKey() {
                        names.append(reader.key)
                        try reader.skipValue()
                    }
                    found[names.sorted(), default: 0] += 1
                }
            }
        }
        sets = found
    }

    /// The lines of a selector in a range of Unix seconds, its end not included.
    func count(
        _ selector: String, from start: Int64, until end: Int64, _ patience: Patience
    ) async throws -> Int64 {
        // A window is open on its left and closed on its right.
        let query = "sum(count_over_time(\(selector)[\(end - start)s]))"
        let time = end * 1_000_000_000 - 1
        let answer = try await peer.ask(
            "/loki/api/v1/query", [("query", query), ("time", "\(time)")], patience: patience)
        guard answer.status == 200, let document = try? JSONValue(parsing: answer.body) else {
            throw peer.refusal("/loki/api/v1/query", answer)
        }
        let samples = document["data"]?["result"]?.array ?? []
        guard let count = Peer.count(samples.map { Double($0["value"]?[1]?.string ?? "") ?? 0 }) else {
            throw ToolError("\(peer.url)/loki/api/v1/query answers no number of lines")
        }
        return count
    }

    /// What the server says about the ages of lines that it takes; nil when it does not say.
    func ages() async throws -> LineAges? {
        guard let answer = try? await peer.attempt("/config/tenant/v1/limits"), answer.status == 200 else {
            return nil
        }
        return LineAges(limits: String(decoding: answer.body, as: UTF8.self))
    }
}
