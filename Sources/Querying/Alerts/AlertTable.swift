package import MartletCore
import Service

/// Alerts as a table.
package enum AlertTable {
    /// The lines of an answer of Alertmanager's `/api/v2/alerts`, the latest alert first: none where there are no alerts.
    package static func lines(_ body: [UInt8]) throws(JSONError) -> [String] {
        let alerts = try JSONValue(parsing: body).array ?? []
        if alerts.isEmpty { return [] }
        var table = TextTable(["ALERT", "SINCE", "STATE", "LABELS", "SUMMARY"])
        let sorted = alerts.sorted { since($0) > since($1) }
        for alert in sorted {
            let labels = (alert["labels"]?.object ?? []).compactMap { member in
                member.value.string.map { (member.key, $0) }
            }
            let annotations = alert["annotations"]
            table.add([
                PlainText.line(labels.first { $0.0 == "alertname" }?.1 ?? ""),
                String(since(alert).prefix(19)) + "Z",
                state(alert),
                Labels(labels.filter { $0.0 != "alertname" }).description,
                PlainText.line((annotations?["summary"] ?? annotations?["description"])?.string ?? ""),
            ])
        }
        return table.text.split(separator: "\n").map(String.init)
    }

    /// In UTC, as the servers write it.
    private static func since(_ alert: JSONValue) -> String {
        guard let moment = RFC3339.parse(alert["startsAt"]?.string ?? "") else { return "" }
        return RFC3339.format(unixNanoseconds: moment.nearestUnixNanoseconds, fraction: .nanoseconds)
    }

    /// Why it sends nothing, where it does not.
    private static func state(_ alert: JSONValue) -> String {
        let status = alert["status"]
        if !(status?["silencedBy"]?.array ?? []).isEmpty { return "silenced" }
        if !(status?["inhibitedBy"]?.array ?? []).isEmpty { return "inhibited" }
        return PlainText.line(status?["state"]?.string ?? "")
    }
}
