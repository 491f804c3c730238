package import AsyncHTTPClient
import MartletCore
import NIOCore
import NIOHTTP1
import Service

#if canImport(Glibc)
import Glibc
#endif

/// Keeps the servers of a stack running until it is told to stop.
package final class Supervisor: Sendable {
    private let stack: Stack
    private let executables: String
    private let logArguments: [String]
    private let board: StatusBoard
    private let reaper = Reaper()
    private let client: HTTPClient
    private let running = Lock<[String: Int32]>([:])
    private let isStopping = Lock(false)
    /// How long a server may take to stop before it is killed.
    private let patience: Duration = .seconds(25)

    /// - Parameters:
    ///   - stack: what to run.
    ///   - executables: the directory of the servers' executables.
    ///   - logArguments: flags that every server gets.
    ///   - board: shows what they do.
    ///   - client: asks them whether they are ready.
    package init(stack: Stack, executables: String, logArguments: [String], board: StatusBoard, client: HTTPClient) {
        self.stack = stack
        self.executables = executables
        self.logArguments = logArguments
        self.board = board
        self.client = client
    }

    /// Runs all servers; returns when ``stop()`` has been called and all have ended.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for member in stack.members {
                group.addTask { await self.keep(member) }
            }
        }
    }

    /// Asks every server to stop, those that send before those that store, and kills what does not.
    package func stop() async {
        isStopping.withLock { $0 = true }
        let deadline = ContinuousClock.now + patience
        // Logs and traces are stored, and what is made of them goes to the metrics.
        let stores: Set<String> = ["metrics", "logs", "traces"]
        let senders = stack.members.filter { !stores.contains($0.name) }
        for phase in [senders, stack.members.filter { $0.name != "metrics" }, stack.members] {
            for member in phase {
                guard let process = running.withLock({ $0[member.name] }) else { continue }
                await board.set(member.name, .stopping)
                kill(process, SIGTERM)
            }
            let names = phase.map(\.name)
            while ContinuousClock.now < deadline
                && running.withLock({ running in names.contains { running[$0] != nil } })
            {
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
        for (_, process) in running.withLock({ $0 }) { kill(process, SIGKILL) }
    }

    private func keep(_ member: Stack.Member) async {
        var backoff = Backoff()
        let log = OutputLog(path: stack.outputDirectory + "/\(member.name).log")
        while !isStopping.withLock({ $0 }) {
            await board.set(member.name, .starting)
            let began = ContinuousClock.now
            let reason: String
            do {
                let ending = try await runOnce(member, log: log)
                let last = await log.lastLine
                reason = ending == .exited(0) || last.isEmpty ? "\(ending)" : "\(ending), \(last)"
            } catch {
                reason = "\(error)"
            }
            if isStopping.withLock({ $0 }) { break }
            let wait = backoff.next(after: ContinuousClock.now - began)
            let seconds = Double(wait.components.seconds) + Double(wait.components.attoseconds) * 1e-18
            await board.set(member.name, .restarting(reason: reason, seconds: seconds))
            let end = ContinuousClock.now + wait
            while ContinuousClock.now < end && !isStopping.withLock({ $0 }) {
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
        await board.set(member.name, .stopped)
    }

    private func runOnce(_ member: Stack.Member, log: OutputLog) async throws -> Reaper.Ending {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Reaper.SpawnError(path: member.executable, code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let process: Int32
        do {
            process = try await reaper.spawn(
                executables + "/" + member.executable, member.arguments + logArguments, output: ends[1])
        } catch {
            close(ends[0])
            close(ends[1])
            throw error
        }
        close(ends[1])
        running.withLock { $0[member.name] = process }
        // Stopping may have begun between the decision to start and now.
        if isStopping.withLock({ $0 }) { kill(process, SIGTERM) }
        let output = ends[0]
        let copying = Task { await log.copy(from: output) }
        let asking = Task { await awaitReadiness(member) }
        let ending = await reaper.wait(process)
        running.withLock { $0[member.name] = nil }
        asking.cancel()
        // What the process said last is still in the pipe. Should a child of its own hold the pipe open, that is not waited for.
        let giveUp = Task {
            try await Task.sleep(for: .seconds(5))
            copying.cancel()
        }
        await copying.value
        giveUp.cancel()
        return ending
    }

    /// Asks until the server says that it is ready.
    private func awaitReadiness(_ member: Stack.Member) async {
        let host = member.address.isLoopback ? "\(member.address)" : "127.0.0.1:\(member.address.port)"
        while !Task.isCancelled {
            let request = HTTPClientRequest(url: "http://\(host)/-/ready")
            if let response = try? await client.execute(request, timeout: .seconds(2)), response.status == .ok {
                if !isStopping.withLock({ $0 }) { await board.set(member.name, .ready) }
                return
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
