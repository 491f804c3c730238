import Durable
import HTTPTypes
import Hummingbird
import HummingbirdCore
import MartletCore

/// How snapshots of a running server are taken and removed: `POST /-/snapshots` answers with the name of a new one and the
/// directory that it lies in, `DELETE /-/snapshots?name=NAME` removes it. Whoever reads it does so on the server's machine.
struct SnapshotActions: Sendable {
    private let directory: SnapshotDirectory
    private let server: String
    private let blocking: BlockingPool
    private let take: @Sendable (_ target: String) throws -> Void

    /// Snapshots below a server's data directory, which `take` fills.
    init(
        _ storage: String, server: String, blocking: BlockingPool, _ take: @escaping @Sendable (String) throws -> Void
    ) {
        // The process keeps its working directory, which whoever asks does not know.
        directory = SnapshotDirectory(AbsolutePath.of(storage))
        self.server = server
        self.blocking = blocking
        self.take = take
    }

    func respond(to request: Request) async throws -> Response {
        if request.method == .delete {
            let name = request.uri.queryParameters["name"].map(String.init) ?? ""
            let isRemoved = try await blocking.run { [directory] in try directory.remove(name) }
            guard isRemoved else { throw HTTPFailure(.notFound, "there is no snapshot \"\(name)\"") }
            return Response(status: .noContent)
        }
        let nowMs = WallClock.milliseconds
        let snapshot: SnapshotDirectory.Snapshot
        do {
            snapshot = try await blocking.run { [directory, take] in try directory.take(nowMs: nowMs, take) }
        } catch let error as SnapshotDirectory.Full {
            throw HTTPFailure.retryLater(.tooManyRequests, "\(error)", after: 60)
        } catch let error as DurableError {
            throw HTTPFailure(.internalServerError, "no snapshot: \(error)")
        }
        let answer = JSONValue.object([
            .init("status", "success"),
            .init(
                "data",
                .object([
                    .init("name", .string(snapshot.name)), .init("path", .string(snapshot.path)),
                    .init("server", .string(server)), .init("version", .string(BuildVersion.number)),
                    .init("takenAt", .number("\(nowMs)")),
                ])),
        ])
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: answer.bytes)))
    }
}
