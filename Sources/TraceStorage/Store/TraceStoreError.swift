package import Durable
package import Wire

/// Why a store refuses or fails.
package enum TraceStoreError: Error, Sendable, CustomStringConvertible {
    /// The request is not OTLP, or too large.
    case malformed(WireError)
    /// Every span of the request is refused: how many for which reason, as in `TraceStore.Outcome`.
    case refused(String, rejected: [String: Int])
    /// The process has no memory left to take spans.
    case outOfMemory(limit: Int)
    /// The log or a part cannot be written or read.
    case log(DurableError)
    /// A record of the log is not what this version writes.
    case corruptRecord(String)
    /// A part on disk is damaged where it was needed.
    case damaged(String)
    /// A part that lies elsewhere cannot be had now.
    case unreachable(String)
    /// The tenant's name cannot be used.
    case badTenant(String)

    package var description: String {
        switch self {
        case .malformed(.tooLarge(let limit, let what)): "request is too large: \(what) over the limit of \(limit)"
        case .malformed(let error): "request is not OTLP: \(error)"
        case .refused(let reason, _): reason
        case .outOfMemory(let limit): "memory limit of \(limit) bytes is reached; raise --memory.limit"
        case .log(let error): "\(error)"
        case .corruptRecord(let reason): "record of the trace log is not readable: \(reason)"
        case .damaged(let reason): "part of the trace store is damaged: \(reason)"
        case .unreachable(let reason): "spans in the object store cannot be read: \(reason)"
        case .badTenant(let reason): reason
        }
    }
}
