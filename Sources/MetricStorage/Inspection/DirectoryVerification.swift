package import Durable
import MartletCore

/// Reads all of a data directory (blocks, head chunks, write-ahead log, checkpoints) and says what is wrong with it. Changes nothing,
/// and may be run beside a server, whose last log segment may then end within a record.
package struct DirectoryVerification: Sendable {
    /// Something that is not as it must be.
    package struct Problem: Sendable, CustomStringConvertible {
        /// A file or directory.
        package let path: String
        package let message: String

        package var description: String { "\(path): \(message)" }

        init(_ path: String, _ message: String) {
            self.path = path
            self.message = message
        }

        init(_ error: DurableError) {
            path = error.path
            message = error.offset.map { "at offset \($0): \(error.message)" } ?? error.message
        }
    }

    /// What was looked at.
    package struct Counts: Sendable, Hashable {
        package var blocks = 0
        package var series = 0
        package var chunks = 0
        package var samples: UInt64 = 0
        package var segments = 0
        package var records = 0
        package var headChunks = 0
    }

    /// What was looked at so far.
    package private(set) var counts = Counts()
    private let path: String
    private let fileSystem: any FileSystem

    /// A verification of the directory.
    package init(_ path: String, on fileSystem: any FileSystem = DiskFileSystem()) {
        self.path = path
        self.fileSystem = fileSystem
    }

    /// Looks at everything, and reports each problem as it is met.
    package mutating func run(report: (Problem) -> Void) throws(DurableError) {
        for name in try fileSystem.list(path) {
            let place = FilePath.join(path, name)
            if BlockID(name) != nil {
                var block = BlockVerification(place, on: fileSystem)
                block.run(&counts, report: report)
            } else if name == "wal" || name == "wbl" {
                var log = LogVerification(place, on: fileSystem)
                log.run(&counts, report: report)
            } else if name == "chunks_head" {
                var chunks = HeadChunkVerification(place, on: fileSystem)
                chunks.run(&counts, report: report)
            } else if name.hasSuffix(".damaged") {
                report(Problem(place, "a server set this aside as damaged: its samples are missing from answers"))
            }
        }
    }
}
