import HTTPTypes
import Hummingbird
import LogStorage
import ObjectStorage
import SealedObjects
import Service

/// Lines in an object store.
extension LogsServer {
    /// Puts an object store beside the log store, where the flags say so: what it has answers queries, and sealed segments
    /// go there.
    static func addBucket(
        to daemon: inout Daemon, _ store: LogStore, _ deletes: DeleteRequests, _ flags: SealedBucketFlags,
        directory: String, retention: LogRetention
    ) async throws -> BucketReader? {
        guard !flags.store.readOnly || store.tenantCount == 0 else {
            throw UsageError(
                "--storage.read-only answers from the object store only, and \(directory) has lines: give another "
                    + "--storage.path")
        }
        let reader = try await SealedBucket.attach(
            to: &daemon, store: flags.store.readOnly ? nil : store, signal: "logs", directory: directory, flags: flags,
            retention: retention.longest < .max ? .seconds(retention.longest) : nil, age: .ownTime,
            notes: { SharedDeletes.notes(deletes.all) })
        if let reader { store.setHistory(reader) }
        return reader
    }

    /// Answers whoever pushes or deletes lines at a process that has none of its own.
    static func refuseWrites(on router: Router<ServiceContext>) {
        let refuse: @Sendable (Request, ServiceContext) throws -> Response = { _, _ in
            throw HTTPFailure(.forbidden, "this server only answers queries: it runs with --storage.read-only")
        }
        for path in pushPaths { router.post("\(path)", use: refuse) }
        for method in [HTTPRequest.Method.post, .put, .get, .delete] {
            router.on("\(DeleteAPI.path)", method: method, use: refuse)
        }
    }
}
