import MartletCore

/// The body of `POST /api/v2/alerts`, checked as Alertmanager checks it.
package enum PostableAlerts {
    /// A body that is refused as a whole.
    package enum Refusal: Error, Sendable, Equatable {
        /// No JSON of the right shape.
        case unreadable(String)
        /// Of the right shape, but against the API's description; the code is go-openapi's.
        case undescribed(code: Int, String)
    }

    /// The valid alerts, and what is wrong with the others. `resolveTimeout` in nanoseconds ends alerts without an end.
    package static func parse(
        _ body: [UInt8], now: Int64, resolveTimeout: Int64
    ) throws(Refusal) -> (alerts: [Alert], problems: [String]) {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: body)
        } catch {
            throw .unreadable("\(error)")
        }
        guard let list = document.array else { throw .unreadable("the body is not a list of alerts") }
        var alerts: [Alert] = []
        var problems: [String] = []
        for (index, item) in list.enumerated() {
            guard item.object != nil else { throw .unreadable("\(index) is not an alert") }
            guard let labelValue = item["labels"], !labelValue.isNull else {
                throw .undescribed(code: 602, "\(index).labels in body is required")
            }
            let labels = try strings(labelValue, "\(index).labels")
            let annotations =
                try item["annotations"].map { value throws(Refusal) in
                    value.isNull ? [:] : try strings(value, "\(index).annotations")
                } ?? [:]
            let starts = try time(item["startsAt"], "\(index).startsAt")
            let ends = try time(item["endsAt"], "\(index).endsAt")
            let link = item["generatorURL"]?.string ?? ""
            if let problem = problem(labels, annotations) {
                problems.append(problem)
                continue
            }
            let end = ends ?? now + resolveTimeout
            let alert = Alert(
                labels: Labels(labels.map { ($0.key, $0.value) }), annotations: annotations,
                startsAt: starts ?? (ends.map { min($0, now) } ?? now), endsAt: end, updatedAt: now, generatorURL: link,
                isTimeout: ends == nil)
            if alert.labels.isEmpty {
                problems.append("at least one label pair required")
            } else if alert.endsAt < alert.startsAt {
                problems.append("start time must be before end time")
            } else {
                alerts.append(alert)
            }
        }
        return (alerts, problems)
    }

    /// An object of strings; `path` names it in what is thrown.
    static func strings(_ value: JSONValue, _ path: String) throws(Refusal) -> [String: String] {
        guard let members = value.object else { throw .unreadable("\(path) is not an object of strings") }
        var pairs: [String: String] = [:]
        for member in members {
            guard let text = member.value.string else { throw .unreadable("\(path).\(member.key) is not a string") }
            pairs[member.key] = text
        }
        return pairs
    }

    /// Nil for nothing, and for Go's zero time, which some clients send for it.
    private static func time(_ value: JSONValue?, _ path: String) throws(Refusal) -> Int64? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.string else { throw .unreadable("\(path) is not a time") }
        if text.isEmpty { return nil }
        guard let moment = RFC3339.parse(text) else { throw .unreadable("\(path) is not an RFC 3339 time: \(text)") }
        if moment.seconds == -62_135_596_800 { return nil }
        return moment.nearestUnixNanoseconds
    }

    /// What is wrong with the names, nil when nothing.
    static func problem(_ labels: [String: String], _ annotations: [String: String]) -> String? {
        for (what, pairs) in [("label", labels), ("annotation", annotations)] {
            for name in pairs.keys.sorted() where name.isEmpty {
                return "invalid \(what) set: invalid name \"\(name)\""
            }
        }
        return nil
    }
}
