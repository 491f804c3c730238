import LogQL
import MartletCore

/// Delete requests as a writer's manifest tells readers of them: the list that `GET /loki/api/v1/delete` answers with, but for
/// those that are processed, whose lines are gone there as well.
enum SharedDeletes {
    /// What readers are to know of each tenant.
    static func notes(_ requests: [String: [DeleteRequest]]) -> [String: JSONValue] {
        requests.compactMapValues { requests in
            let requests = requests.filter { !$0.isProcessed }
            guard !requests.isEmpty else { return nil }
            var json = JSONWriter()
            json.beginArray()
            for request in requests { request.write(to: &json) }
            json.endArray()
            return try? JSONValue(parsing: json.bytes)
        }
    }

    /// What answers must leave out. A request that cannot be read is an error: lines that were to be gone would come back.
    static func deletions(in notes: [JSONValue]) throws(LogQueryError) -> [LogDeletion] {
        var deletions: [LogDeletion] = []
        for note in notes {
            for item in note.array ?? [] {
                guard let request = DeleteRequest(item) else {
                    throw LogQueryError(
                        .storage, "a manifest in the object store holds something that is no delete request")
                }
                deletions.append(try request.deletion())
            }
        }
        return deletions
    }
}

/// What cannot be read.
struct FailingSource: LogSource {
    let error: LogQueryError

    func entries(
        _ selection: LogSelection, context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) { throw error }

    func streams(
        matching matchers: [[Matcher]], start: Int64, end: Int64, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] { throw error }
}
