package import MartletCore

/// What Alertmanagers are told of an alert.
package struct AlertNotification: Sendable, Hashable {
    package var labels: Labels
    package let annotations: Labels
    /// Milliseconds since 1970.
    package let startsAtMs: Int64
    /// When it ended, or until when it may be taken for active without being told again.
    package let endsAtMs: Int64
    /// Where its expression is shown.
    package let generatorURL: String

    /// An alert of a rule, and where its expression is shown.
    init(_ alert: ActiveAlert, generatorURL: String) {
        labels = alert.labels
        annotations = alert.annotations
        startsAtMs = alert.firedAtMs ?? alert.activeAtMs
        endsAtMs = alert.resolvedAtMs ?? alert.validUntilMs
        self.generatorURL = generatorURL
    }

    /// An alert from elsewhere.
    package init(
        labels: Labels, annotations: Labels, startsAtMs: Int64, endsAtMs: Int64, generatorURL: String
    ) {
        self.labels = labels
        self.annotations = annotations
        self.startsAtMs = startsAtMs
        self.endsAtMs = endsAtMs
        self.generatorURL = generatorURL
    }

    /// The body of `POST /api/v2/alerts`.
    package static func json(_ alerts: some Sequence<AlertNotification>) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        for alert in alerts {
            json.beginObject()
            json.key("annotations")
            json.labels(alert.annotations)
            json.key("endsAt")
            json.string(RFC3339.format(unixNanoseconds: alert.endsAtMs * 1_000_000, fraction: .milliseconds))
            json.key("startsAt")
            json.string(RFC3339.format(unixNanoseconds: alert.startsAtMs * 1_000_000, fraction: .milliseconds))
            json.key("generatorURL")
            json.string(alert.generatorURL)
            json.key("labels")
            json.labels(alert.labels)
            json.endObject()
        }
        json.endArray()
        return json.bytes
    }
}
