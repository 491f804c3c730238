import MartletCore
import ServiceLifecycle

/// A listener that may serve before the service group runs: the group's part is to stop it first and wait for its drain.
final class ListenerService: ServiceLifecycle.Service, CustomStringConvertible {
    private let listener: HTTPListener
    private let task = Lock<Task<Void, any Error>?>(nil)

    init(_ listener: HTTPListener) {
        self.listener = listener
    }

    /// Serves until stopped.
    func listen() async throws {
        try await begin().value
    }

    func run() async throws {
        let task = begin()
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await task.value
        } onCancelOrGracefulShutdown: {
            self.listener.stopAccepting()
        }
    }

    private func begin() -> Task<Void, any Error> {
        task.withLock { task in
            if let task { return task }
            let new = Task { [listener] in try await listener.run() }
            task = new
            return new
        }
    }

    var description: String { listener.description }
}
