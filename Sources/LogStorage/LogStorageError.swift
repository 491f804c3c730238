/// Why the log storage refused or failed.
package enum LogStorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A record of the log begins with other bytes than ours: another version wrote it.
    case unknownRecord([UInt8])
    /// A block's bytes contradict the format or its checksum.
    case corruptBlock(String)
    /// A segment file's bytes contradict the format or their checksum.
    case corruptSegment(String)
    /// A label set in a record is not in canonical encoding.
    case invalidLabels
    /// The push does not fit the memory budget even after the oldest data went.
    case memoryFull(limit: Int)
    /// The push takes more bytes than one record of the log may have.
    case recordTooLarge(bytes: Int, limit: Int)
    /// The tenant is new, and there are as many as there may be.
    case tooManyTenants(limit: Int)
    /// The storage was closed.
    case closed

    /// Whether the same push may succeed later.
    package var isTemporary: Bool {
        switch self {
        case .memoryFull, .tooManyTenants, .closed: true
        case .unknownRecord, .corruptBlock, .corruptSegment, .invalidLabels, .recordTooLarge: false
        }
    }

    /// One line for logs and clients.
    package var description: String {
        switch self {
        case .unknownRecord(let header): "a log record begins with \(header), which this version does not know"
        case .corruptBlock(let what): "a log block is damaged: \(what)"
        case .corruptSegment(let what): "a log segment file is damaged: \(what)"
        case .invalidLabels: "a label set in a log record is not canonical"
        case .memoryFull(let limit): "log storage is at its memory limit of \(limit) bytes; raise --memory.limit"
        case .recordTooLarge(let bytes, let limit):
            "the push takes \(bytes) bytes as it is stored, over the limit of \(limit); send fewer lines at a time"
        case .tooManyTenants(let limit):
            "the tenant is new, and logs of at most \(limit) tenants are kept at a time; raise --storage.max-tenants"
        case .closed: "the log storage is closed"
        }
    }
}
