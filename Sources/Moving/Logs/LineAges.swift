import MartletCore
import Service

/// How old lines may be that a server takes.
package struct LineAges: Sendable, Hashable {
    /// Seconds beyond which a push is refused (`reject_old_samples_max_age`); nil for none.
    package var refusal: Int64?
    /// Seconds that lines are kept (`retention_period`); nil for ever.
    package var retention: Int64?

    /// Seconds beyond which lines do not get in; nil for none.
    package var limit: Int64? { [refusal, retention].compactMap { $0 }.min() }

    /// Reads `limits_config` in YAML, as `/config/tenant/v1/limits` answers it; nil when it is something else.
    package init?(limits text: String) {
        guard let document = try? ConfigDocument(text: text, file: "limits"), document.root.isMapping,
            let entries = try? document.root.entries()
        else { return nil }
        var values: [String: String] = [:]
        for entry in entries {
            if let key = try? entry.key.string(), let value = try? entry.value.string() { values[key] = value }
        }
        guard let rejects = values["reject_old_samples"] else { return nil }
        if rejects == "true" { refusal = Self.seconds(values["reject_old_samples_max_age"]) }
        retention = Self.seconds(values["retention_period"])
    }

    private static func seconds(_ text: String?) -> Int64? {
        guard let text, let milliseconds = try? PrometheusDuration.parse(text), milliseconds > 0 else { return nil }
        return milliseconds / 1000
    }
}
