package import Logging
import MartletCore
package import Service
import ServiceLifecycle

/// Boards and data sources as the files on disk have them, looked at again every few seconds and on reload.
///
/// A file that cannot be used is named in the list of problems; the others stay in force.
package final class Provisioning: ServiceLifecycle.Service {
    /// What the files say at one moment.
    package struct State: Sendable {
        /// In the order of their titles.
        package var boards: [Board] = []
        package var sources: [DataSource] = []
        package var problems: [BoardProblem] = []
        /// Keys without effect, one line each.
        package var warnings: [String] = []
    }

    /// Where the files are.
    package struct Places: Sendable {
        /// Directories of dashboard files.
        package var boards: [BoardFolder]
        /// A directory with `dashboards/*.yaml` and `datasources/*.yaml`; nil for none.
        package var provisioning: String?
        /// Sources that exist without a file; one of the same uid or kind in a file takes their place.
        package var sources: [DataSource]

        package init(boards: [BoardFolder], provisioning: String?, sources: [DataSource]) {
            self.boards = boards
            self.provisioning = provisioning
            self.sources = sources
        }
    }

    private let places: Places
    private let blocking: BlockingPool
    private let logger: Logger
    private let environment: [String: String]
    private let interval: Duration
    private let current = Lock(State())
    private let reader = Lock(BoardReader())

    /// - Parameters:
    ///   - environment: values of `$NAME` in provisioning files.
    ///   - interval: time between two looks.
    package init(
        places: Places, environment: [String: String], blocking: BlockingPool, logger: Logger,
        interval: Duration = .seconds(5)
    ) {
        self.places = places
        self.environment = environment
        self.blocking = blocking
        self.logger = logger
        self.interval = interval
    }

    /// What was found at the last look.
    package var state: State { current.withLock { $0 } }

    /// The model of a board as its file has it now, as JSON text.
    /// - Throws: ``BoardProblem`` when the file is gone, or holds no board or another one since the last look.
    package func model(of board: Board) async throws -> [UInt8] {
        try await blocking.run {
            let model = try Board.model(parsing: BoardReader.bytes(of: board.path), path: board.path)
            guard model["uid"]?.string == board.uid else {
                throw BoardProblem(path: board.path, message: "the file holds another dashboard now")
            }
            return model.bytes
        }
    }

    /// Looks at all files once.
    package func refresh() async throws {
        let next = try await blocking.run { self.look() }
        let last = current.withLock { state in
            defer { state = next }
            return state
        }
        let before = Set(last.problems)
        for problem in next.problems where !before.contains(problem) {
            logger.warning(
                "file left out", metadata: ["path": .string(problem.path), "reason": .string(problem.message)])
        }
        for line in next.warnings where !last.warnings.contains(line) { logger.warning("\(line)") }
        if last.boards.count != next.boards.count {
            logger.info("dashboards read", metadata: ["count": .stringConvertible(next.boards.count)])
        }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: self.interval)
                if Task.isCancelled { return }
                try? await self.refresh()
            }
        }
    }

    private func look() -> State {
        var state = State()
        var folders = places.boards
        var sources: [DataSource] = []
        if let root = places.provisioning {
            for path in yamlFiles(root + "/dashboards", &state) {
                attempt(path, &state) { state in
                    let (found, warnings) = try BoardFolderFile.read(
                        ConfigDocument(path: path), environment: environment)
                    folders += found
                    state.warnings += warnings
                }
            }
            for path in yamlFiles(root + "/datasources", &state) {
                attempt(path, &state) { state in
                    let content = try DataSourceFile.read(ConfigDocument(path: path), environment: environment)
                    for source in content.sources {
                        if sources.contains(where: { $0.uid == source.uid }) {
                            state.problems.append(
                                BoardProblem(path: path, message: "the uid \"\(source.uid)\" is given twice"))
                        } else {
                            sources.append(source)
                        }
                    }
                    state.warnings += content.warnings
                }
            }
        }
        sources += places.sources.filter { own in !sources.contains { $0.uid == own.uid || $0.kind == own.kind } }
        if !sources.contains(where: \.isDefault), let first = sources.firstIndex(where: { $0.kind == .prometheus }) {
            sources[first].isDefault = true
        }
        let found = reader.withLock { $0.read(folders) }
        state.sources = sources
        state.boards = found.boards
        state.problems += found.problems
        return state
    }

    private func yamlFiles(_ directory: String, _ state: inout State) -> [String] {
        (BoardReader.entries(of: directory) ?? []).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
            .map { directory + "/" + $0 }
    }

    private func attempt(_ path: String, _ state: inout State, _ body: (inout State) throws -> Void) {
        do {
            try body(&state)
        } catch {
            state.problems.append(BoardProblem(path: path, message: "\(error)"))
        }
    }
}
