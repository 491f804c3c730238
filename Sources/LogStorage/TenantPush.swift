package import MartletCore

/// One push under way: what its tenant lets in, and where it is stored. `LogStore.push` gives it.
package struct TenantPush: ~Copyable {
    private let logs: TenantLogs
    private let streamLimit: Int
    /// New streams that this push was admitted to.
    private var admitted: Set<Labels> = []

    init(_ logs: TenantLogs, streamLimit: Int) {
        self.logs = logs
        self.streamLimit = streamLimit
    }

    deinit {
        guard !admitted.isEmpty else { return }
        logs.state.withLock { $0.release(admitted) }
    }

    /// Whether lines may go to this stream: there is no limit, it exists, or the tenant has fewer streams than its limit,
    /// those counted that this and other pushes are about to add.
    package mutating func admits(_ labels: Labels) -> Bool {
        guard streamLimit > 0, !admitted.contains(labels) else { return true }
        let (isAdmitted, isNew) = logs.admit(labels, limit: streamLimit)
        if isNew { admitted.insert(labels) }
        return isAdmitted
    }

    /// Logs a record and applies it. When this returns the lines are acknowledged under the sync policy. Throws
    /// `LogStorageError` and `DurableError`.
    package mutating func append(_ record: LogRecord) throws {
        guard !record.isEmpty else { return }
        try logs.append(record, admitted: &admitted)
    }
}
