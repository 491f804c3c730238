package import Service

/// One webhook of a receiver.
package struct WebhookConfig: Sendable {
    /// Where to post.
    package enum Target: Sendable {
        /// In the configuration; shown as a secret.
        case url(Secret)
        /// In a file that is read for each notification.
        case file(String)
    }

    /// Where to post.
    package let target: Target
    /// Whether the end of alerts is told too.
    package let sendResolved: Bool
    /// More alerts than this are left out and counted; 0 is no bound.
    package let maxAlerts: Int
    /// Nanoseconds for one attempt; 0 leaves it to the group's interval.
    package let timeout: Int64
    /// How requests look.
    package let http: HTTPClientConfig
}
