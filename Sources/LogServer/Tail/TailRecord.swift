import LogStorage

/// A record that was stored, with the tenant whose it is.
struct TailRecord: Sendable {
    let tenant: String
    let record: LogRecord

    /// Its size in bytes.
    var size: Int { record.size }
}
