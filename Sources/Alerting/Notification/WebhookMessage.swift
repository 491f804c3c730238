package import MartletCore

/// The body of a webhook notification, version 4 of Alertmanager's format.
package enum WebhookMessage {
    /// Go's zero time: what a firing alert has for an end.
    private static let noTime = "0001-01-01T00:00:00Z"

    /// The JSON text. `alerts` are all alerts of the notification; beyond `limit` (when above 0) they are only counted.
    package static func body(
        receiver: String, groupKey: String, groupLabels: Labels,
        alerts: [(fingerprint: Fingerprint, alert: Alert, isResolved: Bool)], limit: Int, externalURL: String
    ) -> [UInt8] {
        let shown = limit > 0 && alerts.count > limit ? Array(alerts[..<limit]) : alerts
        var json = JSONWriter()
        json.beginObject()
        json.key("receiver")
        json.string(receiver)
        json.key("status")
        json.string(alerts.contains { !$0.isResolved } ? "firing" : "resolved")
        json.key("alerts")
        json.beginArray()
        for entry in shown { write(entry, to: &json) }
        json.endArray()
        json.key("groupLabels")
        write(groupLabels.pairs, to: &json)
        json.key("commonLabels")
        write(
            common(shown.map { entry in Dictionary(entry.alert.labels.pairs.map { ($0.name, $0.value) }) { $1 } }),
            to: &json)
        json.key("commonAnnotations")
        write(common(shown.map(\.alert.annotations)), to: &json)
        json.key("externalURL")
        json.string(externalURL)
        json.key("version")
        json.string("4")
        json.key("groupKey")
        json.string(groupKey)
        json.key("truncatedAlerts")
        json.int(alerts.count - shown.count)
        json.endObject()
        return json.bytes + [0x0A]
    }

    private static func write(
        _ entry: (fingerprint: Fingerprint, alert: Alert, isResolved: Bool), to json: inout JSONWriter
    ) {
        json.beginObject()
        json.key("status")
        json.string(entry.isResolved ? "resolved" : "firing")
        json.key("labels")
        write(entry.alert.labels.pairs, to: &json)
        json.key("annotations")
        write(entry.alert.annotations.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }, to: &json)
        json.key("startsAt")
        json.string(RFC3339.format(unixNanoseconds: entry.alert.startsAt))
        json.key("endsAt")
        json.string(entry.isResolved ? RFC3339.format(unixNanoseconds: entry.alert.endsAt) : noTime)
        json.key("generatorURL")
        json.string(entry.alert.generatorURL)
        json.key("fingerprint")
        json.string(entry.fingerprint.description)
        json.endObject()
    }

    private static func write(_ pairs: [(name: String, value: String)], to json: inout JSONWriter) {
        json.beginObject()
        for pair in pairs {
            json.key(pair.name)
            json.string(pair.value)
        }
        json.endObject()
    }

    /// The pairs that all sets have.
    private static func common(_ sets: [[String: String]]) -> [(name: String, value: String)] {
        guard var pairs = sets.first else { return [] }
        for set in sets.dropFirst() { pairs = pairs.filter { set[$0.key] == $0.value } }
        return pairs.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }
}
