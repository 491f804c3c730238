import Durable
import MartletCore

/// Segment files of which nothing is to be kept, by tenant: they are past their time, or all of their lines were deleted. Whoever
/// keeps copies elsewhere asks for them; without such a one nothing is remembered. It outlives the tenants themselves.
final class GoneFiles: Sendable {
    private struct State {
        var isWanted = false
        var spans: [String: [SealedSpan]] = [:]
    }

    private let state = Lock(State())

    /// Somebody keeps copies elsewhere.
    func want() { state.withLock { $0.isWanted = true } }

    /// Notes files; to be called before they leave the tenant.
    func note(_ spans: [SealedSpan], tenant: String) {
        state.withLock { state in
            if state.isWanted { state.spans[tenant, default: []] += spans }
        }
    }

    /// Forgets files that have gone elsewhere, too.
    func forget(_ spans: [SealedSpan], tenant: String) {
        let spans = Set(spans)
        state.withLock { state in
            let left = state.spans[tenant]?.filter { !spans.contains($0) } ?? []
            state.spans[tenant] = left.isEmpty ? nil : left
        }
    }

    /// All that was noted.
    var all: [String: [SealedSpan]] { state.withLock(\.spans) }
}
