import CPlatform
import MartletCore

#if canImport(Glibc)
import Glibc
#endif

/// Starts processes and learns how they end. Its one thread, begun with the first process, lives as long as this process,
/// which the death signal of the children depends on: when this process dies in whatever way, the kernel sends them
/// SIGTERM.
final class Reaper: Sendable {
    /// How a process ended.
    enum Ending: Equatable, Sendable, CustomStringConvertible {
        case exited(Int32)
        case killed(signal: Int32)

        var description: String {
            switch self {
            case .exited(let code): "exit code \(code)"
            case .killed(let signal): "signal \(signal)"
            }
        }
    }

    /// A program could not be started.
    struct SpawnError: Error, CustomStringConvertible {
        let path: String
        let code: Int32
        var description: String { "cannot start \(path): \(String(cString: strerror(code)))" }
    }

    private struct Request: Sendable {
        let path: String
        let arguments: [String]
        let output: Int32
        let continuation: CheckedContinuation<Int32, any Error>
    }

    private struct State {
        var hasThread = false
        var requests: [Request] = []
        var alive: Set<Int32> = []
        var endings: [Int32: Ending] = [:]
        var waiters: [Int32: CheckedContinuation<Ending, Never>] = [:]
    }

    private let state = Lock(State())

    /// Starts a program; its output goes to the descriptor, which the caller closes.
    func spawn(_ path: String, _ arguments: [String], output: Int32) async throws -> Int32 {
        let code = state.withLock { begin(&$0) }
        guard code == 0 else { throw SpawnError(path: path, code: code) }
        return try await withCheckedThrowingContinuation { continuation in
            state.withLock { state in
                state.requests.append(
                    Request(path: path, arguments: arguments, output: output, continuation: continuation))
            }
        }
    }

    /// Waits until a started process has ended. Call it once per process.
    func wait(_ process: Int32) async -> Ending {
        await withCheckedContinuation { continuation in
            let ending = state.withLock { state -> Ending? in
                if let ending = state.endings.removeValue(forKey: process) { return ending }
                state.waiters[process] = continuation
                return nil
            }
            if let ending { continuation.resume(returning: ending) }
        }
    }

    /// Begins the thread unless it runs; the error number when the system gives none, and the next start tries again.
    private func begin(_ state: inout State) -> Int32 {
        if state.hasThread { return 0 }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(&thread, nil, reaperMain, context.toOpaque())
        guard code == 0 else {
            context.release()
            return code
        }
        pthread_detach(thread)
        state.hasThread = true
        return 0
    }

    fileprivate func work() {
        while true {
            let requests = state.withLock { state in
                defer { state.requests = [] }
                return state.requests
            }
            for request in requests { start(request) }
            for process in state.withLock({ $0.alive }) { collect(process) }
            // A started or ended process is noticed a twentieth of a second late, which nobody minds; a thread that sleeps in
            // waitpid could not start the next one.
            usleep(50_000)
        }
    }

    private func start(_ request: Request) {
        var arguments: [UnsafeMutablePointer<CChar>?] = ([request.path] + request.arguments).map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        let process = cplatform_spawn(request.path, arguments, environ, request.output, SIGTERM)
        if process < 0 {
            request.continuation.resume(throwing: SpawnError(path: request.path, code: -process))
        } else {
            state.withLock { _ = $0.alive.insert(process) }
            request.continuation.resume(returning: process)
        }
    }

    /// Only its own children: whatever else this process starts is waited for by whoever started it.
    private func collect(_ process: Int32) {
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return }
        // The low seven bits are the signal, the next byte the exit code (wait(2)).
        let signal = status & 0x7F
        let ending: Ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
        let waiter = state.withLock { state in
            state.alive.remove(process)
            if let waiter = state.waiters.removeValue(forKey: process) { return Optional(waiter) }
            state.endings[process] = ending
            return nil
        }
        waiter?.resume(returning: ending)
    }
}

private func reaperMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<Reaper>.fromOpaque(context).takeRetainedValue().work()
    return nil
}
