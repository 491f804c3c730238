import MartletCore

/// An alert as unit tests compare and print it.
struct AlertText: Hashable, Comparable {
    let labels: Labels
    let annotations: Labels

    static func < (a: AlertText, b: AlertText) -> Bool {
        a.labels == b.labels ? a.annotations < b.annotations : a.labels < b.labels
    }

    /// In promtool's layout.
    static func list(_ alerts: [AlertText]) -> String {
        guard !alerts.isEmpty else { return "[]" }
        let margin = String(repeating: " ", count: 12)
        let entries = alerts.enumerated().map { index, alert in
            "\(margin)\(index):\n\(margin)  Labels:\(alert.labels)\n\(margin)  Annotations:\(alert.annotations)"
        }
        return "[\n" + entries.joined(separator: ",\n") + "\n\(margin)]"
    }
}
