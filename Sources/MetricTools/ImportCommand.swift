import ArgumentParser
import Durable
import MartletCore
import MetricStorage
import Service

#if canImport(Glibc)
import Glibc
#endif

/// `martlet metrics import`.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import OpenMetrics text with timestamps of any age into a data directory.",
        discussion: """
            Reads the file once, in bounded memory, and writes Prometheus blocks, which it lists. Nothing is written when \
            the file has a mistake. The metric server must not be running on the directory; to import beside it, import \
            into another directory and move the blocks in.
            """)

    @Flag(name: .shortAndLong, help: "Do not list the blocks.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Show times and sizes for people.")
    var humanReadable = false

    @Argument(help: "OpenMetrics file; - reads standard input.")
    var file: String

    @Argument(help: "Data directory, made when it is missing.")
    var directory = "data"

    func run() throws {
        let fileSystem = DiskFileSystem()
        let descriptor = file == "-" ? 0 : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DurableError(errno: errno, path: file, operation: "open") }
        defer { close(descriptor) }
        try fileSystem.makeDirectories(directory)
        let lock = try takeLock()
        var bar = ProgressBar(total: Self.size(of: descriptor))
        var work = OpenMetricsImport(
            of: file, into: try BlockImport(into: directory, nowMs: WallClock.milliseconds, on: fileSystem))
        let written: [BlockMeta]
        do {
            var count: Int64 = 0
            while true {
                let bytes = try Self.read(descriptor, file)
                if bytes.isEmpty { break }
                try work.take(bytes)
                count += Int64(bytes.count)
                bar.update(count, Int64(work.samples), "samples")
            }
            written = try work.finish()
            bar.finish(count, Int64(work.samples), "samples")
        } catch {
            work.abandon()
            throw error
        }
        withExtendedLifetime(lock) {}
        try say(written, work)
    }

    private func say(_ written: [BlockMeta], _ work: OpenMetricsImport) throws {
        let ids = Set(written.map(\.id))
        if !quiet {
            let blocks = try BlockCatalog(directory).entries.filter { ids.contains($0.meta.id) }
            StandardOutput.write(BlockTable.text(blocks, readable: humanReadable))
        }
        var line = "imported \(written.reduce(0) { $0 + $1.stats.samples }) samples into \(written.count) "
        line += "block\(written.count == 1 ? "" : "s") in \(directory)"
        if work.repeated > 0 {
            line += "; \(work.repeated) more had a time that their series has already, the first of each was taken"
        }
        StandardError.write(line + "\n")
    }

    private func takeLock() throws -> DirectoryLock {
        do throws(DurableError) {
            return try DirectoryLock(directory)
        } catch {
            guard error.code == .locked else { throw error }
            throw ToolError(
                "\(error.path): \(error.message). Or import beside the running server: into a new directory, say "
                    + "\(directory)-import, on the same disk, then `mv \(directory)-import/0* \(directory)/`; the server "
                    + "takes the blocks up within a minute")
        }
    }

    /// Bytes of a file; nil when it is none, but a pipe or the like.
    private static func size(of descriptor: Int32) -> Int64? {
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { return nil }
        return info.st_mode & S_IFMT == S_IFREG ? Int64(info.st_size) : nil
    }

    /// The next bytes of a file; none at its end.
    private static func read(_ descriptor: Int32, _ file: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(descriptor, &bytes, bytes.count)
            if count >= 0 { return Array(bytes[..<count]) }
            guard errno == EINTR else { throw DurableError(errno: errno, path: file, operation: "read") }
        }
    }
}
