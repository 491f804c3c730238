import Durable
import MartletCore

/// The log of out-of-order samples, Prometheus' `wbl/`. Its directory is made with the first sample.
final class OutOfOrderLog: Sendable {
    private let directory: String
    private let options: RecordLog.Options
    private let fileSystem: any FileSystem
    private let opened = Lock<RecordLog?>(nil)

    init(_ path: String, options: RecordLog.Options, on fileSystem: any FileSystem) throws(DurableError) {
        directory = FilePath.join(path, "wbl")
        var options = options
        options.firstSegment = 0
        self.options = options
        self.fileSystem = fileSystem
        if try fileSystem.exists(directory) { _ = try log() }
    }

    /// The log, unless nothing was ever written.
    var existing: RecordLog? { opened.withLock { $0 } }

    /// The log, which is made when it is missing.
    func log() throws(DurableError) -> RecordLog {
        try opened.withLock { (log: inout RecordLog?) throws(DurableError) in
            if let log { return log }
            let fresh = try RecordLog(directory, options: options, on: fileSystem)
            log = fresh
            return fresh
        }
    }
}
