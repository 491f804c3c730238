import MartletCore

/// Rules and alerts as Prometheus' API writes them.
enum RuleJSON {
    private static let never = "0001-01-01T00:00:00Z"

    private static func moment(_ milliseconds: Int64) -> String {
        RFC3339.format(unixNanoseconds: milliseconds * 1_000_000)
    }

    static func write(
        _ group: RuleGroup, _ file: String, _ rules: [Rule], showsAlerts: Bool, _ json: inout JSONWriter
    ) {
        let counts = group.counts
        json.beginObject()
        json.key("name")
        json.string(group.definition.name)
        json.key("file")
        json.string(file)
        json.key("rules")
        json.beginArray()
        for rule in rules { write(rule, showsAlerts: showsAlerts, &json) }
        json.endArray()
        json.key("interval")
        json.double(Double(group.intervalMs) / 1000)
        json.key("limit")
        json.int(group.definition.limit)
        json.key("evaluationTime")
        json.double(counts.durationSeconds)
        json.key("lastEvaluation")
        json.string(counts.evaluatedAtMs.map(moment) ?? never)
        json.endObject()
    }

    private static func write(_ rule: Rule, showsAlerts: Bool, _ json: inout JSONWriter) {
        let definition = rule.definition
        let status = rule.status
        let isAlert = definition.kind == .alerting
        json.beginObject()
        if isAlert {
            json.key("state")
            json.string(status.evaluatedAtMs == nil ? "unknown" : rule.alertState.rawValue)
        }
        json.key("name")
        json.string(definition.name)
        json.key("query")
        json.string("\(definition.expression)")
        if isAlert {
            json.key("duration")
            json.double(Double(definition.holdMs) / 1000)
            json.key("keepFiringFor")
            json.double(Double(definition.keepFiringMs) / 1000)
        }
        write("labels", definition.labels, &json)
        if isAlert {
            write("annotations", definition.annotations, &json)
            json.key("alerts")
            if showsAlerts {
                json.beginArray()
                for alert in rule.activeAlerts { write(alert, &json) }
                json.endArray()
            } else {
                json.null()
            }
        }
        json.key("health")
        json.string(status.health.rawValue)
        if let error = status.lastError {
            json.key("lastError")
            json.string(error)
        }
        json.key("evaluationTime")
        json.double(status.durationSeconds)
        json.key("lastEvaluation")
        json.string(status.evaluatedAtMs.map(moment) ?? never)
        json.key("type")
        json.string(isAlert ? "alerting" : "recording")
        json.endObject()
    }

    static func write(_ alert: ActiveAlert, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("labels")
        json.labels(alert.labels)
        json.key("annotations")
        json.labels(alert.annotations)
        json.key("state")
        json.string(alert.state.rawValue)
        json.key("activeAt")
        json.string(moment(alert.activeAtMs))
        if let since = alert.keepFiringSinceMs {
            json.key("keepFiringSince")
            json.string(moment(since))
        }
        json.key("value")
        json.string(FloatText.exponential(alert.value))
        json.endObject()
    }

    private static func write(_ key: String, _ texts: [String: String], _ json: inout JSONWriter) {
        json.key(key)
        json.beginObject()
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
            json.key(name)
            json.string(text)
        }
        json.endObject()
    }
}
