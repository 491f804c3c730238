import HTTPTypes
import HummingbirdCore

/// A request as it has come, with what is declared of its path.
struct Arrival: Sendable {
    /// Below the server's path; where it is not below it, as it came.
    let request: Request
    /// Why the request has no place below the server's path.
    let misplaced: HTTPFailure?
    let policy: RoutePolicy
    let rule: RoutePolicy.Rule

    init(_ original: Request, below prefix: RoutePrefix, policy: RoutePolicy) {
        do {
            request = try prefix.strip(original)
            misplaced = nil
        } catch {
            request = original
            misplaced = error
        }
        self.policy = policy
        rule = policy.rule(for: request.uri.path)
    }

    /// Whether a page of another site asks with a body, as it may.
    var isQueryOfAnotherSite: Bool {
        guard let crossOrigin = policy.crossOrigin, let origin = request.headers[.origin], request.method == .post
        else { return false }
        return crossOrigin.covers(request.uri.path) && crossOrigin.admits(origin)
            && rule.access(for: request.method) == .read
    }

    /// Where it is worked on by a task that prefers its connection's event loop: nil lets it stay there, which only ingest may
    /// do.
    var executor: (any TaskExecutor)? { rule.isIngest ? nil : globalConcurrentExecutor }
}
