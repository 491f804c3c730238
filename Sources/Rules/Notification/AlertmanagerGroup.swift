package import Service

/// Alertmanagers that are asked in the same way: one element of `alertmanagers`, its targets found.
package struct AlertmanagerGroup: Sendable {
    /// Where alerts are posted, without duplicates.
    package var urls: [String]
    /// What relabelling has dropped.
    package var dropped: [String]
    package let http: HTTPClientSettings
    package let timeoutMs: Int64
    /// Rules for the labels of alerts that these get.
    package let alertRelabelRules: [RelabelRule]

    /// A group of Alertmanagers.
    package init(
        urls: [String], dropped: [String] = [], http: HTTPClientSettings = HTTPClientSettings(),
        timeoutMs: Int64 = 10_000, alertRelabelRules: [RelabelRule] = []
    ) {
        self.urls = urls
        self.dropped = dropped
        self.http = http
        self.timeoutMs = timeoutMs
        self.alertRelabelRules = alertRelabelRules
    }
}
