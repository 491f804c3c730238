import LogQL
import MartletCore
import SealedObjects

/// Delete requests as a writer's manifest tells readers of them: the list that `GET /loki/api/v1/delete` answers with, but for
/// those that are processed, whose lines are gone there as well.
final class SharedDeletes: Sendable {
    private struct Parsed {
        let notes: [JSONValue]
        let deletions: Result<[LogDeletion], LogQueryError>
    }

    private let bucket: BucketReader
    /// What was read of each tenant's notes last: they change seldom, and every query asks for them.
    private let parsed = Lock<[String: Parsed]>([:])

    /// The requests in the manifests that `bucket` knows.
    init(_ bucket: BucketReader) {
        self.bucket = bucket
    }

    /// What a tenant's answers must leave out. A request that cannot be read is an error: lines that were to be gone would come
    /// back.
    func deletions(_ tenant: String) throws(LogQueryError) -> [LogDeletion] {
        let notes = bucket.notes(of: tenant)
        let result = parsed.withLock { parsed in
            guard !notes.isEmpty else {
                parsed[tenant] = nil
                return Result<[LogDeletion], LogQueryError>.success([])
            }
            if let known = parsed[tenant], known.notes == notes { return known.deletions }
            let fresh = Parsed(notes: notes, deletions: Self.deletions(in: notes))
            parsed[tenant] = fresh
            return fresh.deletions
        }
        return try result.get()
    }

    /// What readers are to know of each tenant.
    static func notes(_ requests: [String: [DeleteRequest]]) -> [String: JSONValue] {
        requests.compactMapValues { requests in
            let requests = requests.filter { !$0.isProcessed }
            return requests.isEmpty ? nil : .array(requests.map(\.json))
        }
    }

    private static func deletions(in notes: [JSONValue]) -> Result<[LogDeletion], LogQueryError> {
        do throws(LogQueryError) {
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
            return .success(deletions)
        } catch {
            return .failure(error)
        }
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
        _ selection: LogStreamSelection, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] { throw error }
}
