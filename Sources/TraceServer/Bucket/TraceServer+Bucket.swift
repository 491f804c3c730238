import Hummingbird
import ObjectStorage
import SealedObjects
import Service
import TraceStorage

/// Spans in an object store.
extension TraceServer {
    /// Puts an object store beside the trace stores, where the flags say so: what it has answers queries, and parts go there.
    static func addBucket(
        to daemon: inout Daemon, _ database: TraceDatabase, _ flags: SealedBucketFlags, directory: String,
        retentionSeconds: Int
    ) async throws {
        guard !flags.store.readOnly || database.all.isEmpty else {
            throw UsageError(
                "--storage.read-only answers from the object store only, and \(directory) has spans: give another "
                    + "--storage.path")
        }
        let reader = try await SealedBucket.attach(
            to: &daemon, store: flags.store.readOnly ? nil : database, signal: "traces", directory: directory,
            flags: flags,
            retention: retentionSeconds > 0 ? .seconds(retentionSeconds) : nil, age: .arrival)
        if let reader { database.setHistory(reader) }
    }

    /// Answers whoever sends spans to a process that takes none; it does not listen where they usually arrive.
    static func refuseSpans(on router: Router<ServiceContext>) {
        router.post("/v1/traces") { _, _ -> Response in
            throw HTTPFailure(.forbidden, "this server only answers queries: it runs with --storage.read-only")
        }
    }
}
