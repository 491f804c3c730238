import Durable
import MartletCore

/// The log of out-of-order samples, Prometheus' `wbl/`. Its directory is made with the first sample.
final class OutOfOrderLog: Sendable {
    private let directory: String
    private let options: RecordLog.Options
    private let fileSystem: any FileSystem
    private let opened = Lock<(log: RecordLog?, isClosed: Bool)>((nil, false))

    init(_ path: String, options: RecordLog.Options, on fileSystem: any FileSystem) throws(DurableError) {
        directory = FilePath.join(path, "wbl")
        var options = options
        options.firstSegment = 0
        self.options = options
        self.fileSystem = fileSystem
        if try fileSystem.exists(directory) { _ = try log() }
    }

    /// The log, unless nothing was ever written.
    var existing: RecordLog? { opened.withLock { $0.log } }

    /// The log, which is made when it is missing, unless it was closed.
    func log() throws(DurableError) -> RecordLog {
        try opened.withLock { (opened) throws(DurableError) in
            if let log = opened.log { return log }
            if opened.isClosed {
                throw DurableError(.closed, path: directory, operation: "append", message: "the log is closed")
            }
            let fresh = try RecordLog(directory, options: options, on: fileSystem)
            opened.log = fresh
            return fresh
        }
    }

    /// Syncs what was appended and refuses further appends.
    func close() throws(DurableError) {
        try opened.withLock { (opened) throws(DurableError) in
            opened.isClosed = true
            try opened.log?.close()
        }
    }
}
