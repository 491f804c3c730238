import HTTPTypes
import Hummingbird
import LogQL
import MartletCore
import NIOCore
import Service

/// Log queries: lines in one answer, page by page, or as a stream that ends with the last of them.
extension QueryAPI {
    /// A log query over a range of time.
    struct LineQuery: Sendable {
        let expression: LogExpression
        let start: Int64
        let end: Int64
        let direction: LogSelection.Direction
        let interval: Int64
        /// Where the page begins.
        let cursor: LogCursor?
        /// Whether the client asks for pages.
        let isPaged: Bool
    }

    /// Answers with lines by stream, or one for one where the client takes `application/x-ndjson`.
    func lines(_ call: Call, _ query: LineQuery, limit: Int) async throws -> Response {
        let isStream = Self.takesLines(call.request)
        guard query.interval == 0 || !isStream && !query.isPaged else {
            throw HTTPFailure(.badRequest, "interval cannot be used with cursor or application/x-ndjson")
        }
        if isStream { return try await stream(call, query, limit: call.form["limit"] == nil ? nil : limit) }
        try config.limits.checkEntries(limit)
        let flags = Self.encodingFlags(call.request)
        return try await run(call) { engine, context in
            var streams: LogStreams
            var next: LogCursor?
            if query.isPaged {
                let page = try engine.page(
                    query.expression, start: query.start, end: query.end, limit: limit, direction: query.direction,
                    after: query.cursor, context: context)
                (streams, next) = (page.streams, page.next)
            } else {
                streams = try engine.logs(
                    query.expression, start: query.start, end: query.end, limit: limit, direction: query.direction,
                    interval: query.interval, context: context)
            }
            let categorized = flags.contains("categorize-labels")
            if !categorized { streams = streams.merged() }
            // The answer is written out before it is sent.
            try context.hold(streams.byteCount)
            return QueryReply.query(
                "streams", context: context, entries: streams.entryCount, flags: flags, cursor: next?.text
            ) {
                QueryReply.streams(streams, categorized: categorized, to: &$0)
            }
        }
    }

    // MARK: Streams of lines

    /// Lines of a stream's first part, and most and least lines of those behind it, which have about so many bytes. Fewer
    /// lines are read where they do not fit in memory.
    private static let firstLines = 256
    private static let mostLines = 4096
    private static let fewestLines = 16
    private static let partBytes = 4 << 20

    /// Some lines of a stream as they are sent.
    private struct Part: Sendable {
        var bytes: [UInt8]
        var count: Int
        var next: LogCursor?

        /// How many lines the part behind this one should have: so many as are about as long as those here.
        var following: Int {
            guard !bytes.isEmpty else { return QueryAPI.firstLines }
            let count = count * QueryAPI.partBytes / bytes.count
            return min(QueryAPI.mostLines, max(QueryAPI.fewestLines, count))
        }
    }

    private static func takesLines(_ request: Request) -> Bool {
        request.headers[.accept]?.split(separator: ",").contains { type in
            type.split(separator: ";").first?.filter { $0 != " " }.lowercased() == "application/x-ndjson"
        } ?? false
    }

    /// All lines, or at most `limit`, each a JSON object in a line of its own. Two parts are held in memory at most, and
    /// the next one is read when the one before is sent: the time limit of queries holds for each.
    private func stream(_ call: Call, _ query: LineQuery, limit: Int?) async throws -> Response {
        let isCategorized = Self.encodingFlags(call.request).contains("categorize-labels")
        let left = limit ?? .max
        // What is wrong with the query shows now, and has its status.
        let first = try await part(call, query, after: query.cursor, min(left, Self.firstLines), isCategorized)
        let account = call.context.account
        try account.reserve(first.bytes.count)
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson"],
            body: ResponseBody { writer in
                var part = first
                var left = left
                // The first part is there as long as the answer is.
                var held = 0
                while true {
                    if !part.bytes.isEmpty { try await writer.write(ByteBuffer(bytes: part.bytes)) }
                    account.release(held)
                    held = 0
                    left -= part.count
                    guard let next = part.next else { break }
                    guard left > 0 else {
                        try await writer.write(Self.end(cursor: next, error: nil))
                        break
                    }
                    do {
                        part = try await self.part(call, query, after: next, min(left, part.following), isCategorized)
                        try account.reserve(part.bytes.count)
                        held = part.bytes.count
                    } catch let failure as HTTPFailure {
                        try await writer.write(Self.end(cursor: next, error: failure.message))
                        break
                    }
                }
                try await writer.finish(nil)
            })
    }

    /// At most `count` lines behind a place.
    private func part(
        _ call: Call, _ query: LineQuery, after cursor: LogCursor?, _ count: Int, _ isCategorized: Bool
    ) async throws -> Part {
        var count = count
        // A thread lets go what an attempt has held a moment after it has told of its end.
        var patience = 3
        while true {
            let isLast = count == Self.fewestLines && patience == 0
            let part = try await run(call) { [count] engine, context -> Part? in
                do throws(LogQueryError) {
                    let page = try engine.page(
                        query.expression, start: query.start, end: query.end, limit: count,
                        direction: query.direction, after: cursor, context: context)
                    return Part(
                        bytes: Self.text(of: page, isCategorized: isCategorized), count: page.lines.count,
                        next: page.next)
                } catch {
                    guard error.kind == .limit, !isLast, count >= Self.fewestLines else { throw error }
                    return nil
                }
            }
            if let part { return part }
            // What the larger one has held is free again.
            if count == Self.fewestLines {
                patience -= 1
                try await Task.sleep(for: .milliseconds(20))
            }
            count = max(Self.fewestLines, count / 4)
        }
    }

    private static func text(of page: LogPage, isCategorized: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        for line in page.lines {
            var json = JSONWriter()
            json.beginObject()
            json.key("timestamp")
            json.string("\(line.entry.timestamp)")
            json.key("stream")
            if isCategorized {
                json.labels(line.stream)
                for (key, labels) in [("structuredMetadata", line.entry.metadata), ("parsed", line.entry.parsed)]
                where !labels.isEmpty {
                    json.key(key)
                    json.labels(labels)
                }
            } else {
                json.labels(LogStreams.merged([line.stream, line.entry.metadata, line.entry.parsed]))
            }
            json.key("line")
            json.string(line.entry.line)
            json.endObject()
            bytes += json.bytes
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    /// What stands behind the lines when there are more: where to go on, and what went wrong.
    private static func end(cursor: LogCursor, error: String?) -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        if let error {
            json.key("error")
            json.string(error)
        }
        json.key("cursor")
        json.string(cursor.text)
        json.endObject()
        return ByteBuffer(bytes: json.bytes + [UInt8(ascii: "\n")])
    }
}
