package import Delivery
package import MartletCore
package import Service

/// One server that lines are pushed to.
package struct LogClient: Sendable {
    /// A name for logs and metrics.
    package var name = ""
    /// The push call's URL.
    package var url: String
    /// Sent as X-Scope-OrgID.
    package var tenant: String?
    /// Basic authentication.
    package var basicAuth: (user: String, password: Secret)?
    /// A bearer token.
    package var bearerToken: Secret?
    /// Authorities and certificates; nil for the system's authorities.
    package var tls: HTTPClientSettings.TLS?
    /// Further headers.
    package var headers: [(name: String, value: Secret)] = []
    /// Labels added to every stream.
    package var externalLabels = Labels()
    /// Milliseconds that a batch waits for more lines.
    package var batchWait: Int64 = 1000
    /// Bytes of lines at which a batch is sent.
    package var batchBytes = 1 << 20
    /// Milliseconds of the first wait between attempts.
    package var firstBackoff: Int64 = 500
    /// Milliseconds of the longest wait between attempts.
    package var longestBackoff: Int64 = 300_000
    /// Attempts at a batch that the server answers with 429, before it is dropped: nil for ten where the limit is on streams,
    /// and without end where it is on the rate of all.
    package var mostRetries: Int?
    /// Whether a batch is dropped at its first 429.
    package var dropsRateLimited = false
    /// Milliseconds for one attempt.
    package var timeout: Int64 = 10_000

    /// How often a batch is sent, and how long the pauses are.
    package var retryPolicy: RetryPolicy {
        var policy = RetryPolicy(initial: .milliseconds(firstBackoff), maximum: .milliseconds(longestBackoff))
        let most = dropsRateLimited ? 1 : mostRetries
        // 0 is without end, as in Promtail.
        if most != 0 { policy.attemptsAtLimit[.streams] = most ?? 10 }
        if let most, most > 0 { policy.attemptsAtLimit[.rate] = most }
        return policy
    }

    /// A client with Promtail's defaults.
    package init(url: String) { self.url = url }
}
