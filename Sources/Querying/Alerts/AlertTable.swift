package import MartletCore

/// Alerts as a table.
package enum AlertTable {
    /// The lines of an answer of Alertmanager's `/api/v2/alerts`, the latest alert first: none where there are no alerts.
    package static func lines(_ body: [UInt8]) throws(JSONError) -> [String] {
        let alerts = try JSONValue(parsing: body).array ?? []
        let rows = alerts.sorted { since($0) > since($1) }.map { alert in
            let labels = (alert["labels"]?.object ?? []).compactMap { member in
                member.value.string.map { (member.key, $0) }
            }
            let annotations = alert["annotations"]
            return [
                PlainText.line(labels.first { $0.0 == "alertname" }?.1 ?? ""),
                TableLines.second(alert["startsAt"]?.string),
                state(alert),
                Labels(labels.filter { $0.0 != "alertname" }).description,
                PlainText.line((annotations?["summary"] ?? annotations?["description"])?.string ?? ""),
            ]
        }
        return TableLines.of(["ALERT", "SINCE", "STATE", "LABELS", "SUMMARY"], rows)
    }

    private static func since(_ alert: JSONValue) -> Int64 {
        RFC3339.parse(alert["startsAt"]?.string ?? "")?.nearestUnixNanoseconds ?? .min
    }

    /// Why it sends nothing, where it does not.
    private static func state(_ alert: JSONValue) -> String {
        let status = alert["status"]
        if !(status?["silencedBy"]?.array ?? []).isEmpty { return "silenced" }
        if !(status?["inhibitedBy"]?.array ?? []).isEmpty { return "inhibited" }
        return PlainText.line(status?["state"]?.string ?? "")
    }
}
