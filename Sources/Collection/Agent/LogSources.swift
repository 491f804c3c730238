import Durable
import Logging
import Service
import ServiceLifecycle

/// All that reads logs, under the configuration of the moment: a reload stops the readers and starts others, which go on
/// at the saved places.
final class LogSources: ServiceLifecycle.Service {
    private let directory: String
    private let settle: Int64
    private let output: any LogOutput
    private let logger: Logger
    private let configs: AsyncStream<PromtailConfig>
    private let reloads: AsyncStream<PromtailConfig>.Continuation

    /// Positions are kept below `directory`; `settle` is the time in milliseconds after which the queue is on the disk.
    init(_ config: PromtailConfig, directory: String, settle: Int64, output: any LogOutput, logger: Logger) {
        self.directory = directory
        self.settle = settle
        self.output = output
        self.logger = logger
        (configs, reloads) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        reloads.yield(config)
    }

    /// Takes another configuration into use.
    func reload(_ config: PromtailConfig) { reloads.yield(config) }

    func run() async throws {
        await withGracefulShutdownHandler {
            var current: Task<Void, Never>?
            for await config in configs {
                current?.cancel()
                await current?.value
                current = Task { await read(config) }
            }
            current?.cancel()
            await current?.value
        } onGracefulShutdown: { [reloads] in
            reloads.finish()
        }
    }

    private func read(_ config: PromtailConfig) async {
        await withDiscardingTaskGroup { group in
            for service in services(config) {
                group.addTask { [logger] in
                    do {
                        try await service.run()
                    } catch {
                        logger.error("logs are not read: \(error)")
                    }
                }
            }
        }
    }

    private func services(_ config: PromtailConfig) -> [any ServiceLifecycle.Service] {
        var services: [any ServiceLifecycle.Service] = []
        if config.jobs.contains(where: { !$0.files.isEmpty }) {
            let positions = config.positionsFile ?? FilePath.join(directory, "positions")
            services.append(
                FileShipper(config: config, positions: positions, settle: settle, output: output, logger: logger))
        }
        for job in config.jobs {
            let cursor = FilePath.join(directory, "journal-cursor-" + LogSources.fileName(job.name))
            if let shipper = JournalShipper(
                job: job, config: config, cursorPath: cursor, settle: settle, output: output, logger: logger)
            {
                services.append(shipper)
            }
        }
        return services
    }

    /// A job's name as a part of a file's name: other bytes than letters, digits and dashes in hexadecimal.
    private static func fileName(_ name: String) -> String {
        name.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: String(UnicodeScalar(byte))
            default: "_" + String(byte, radix: 16)
            }
        }.joined()
    }
}
