import MartletCore

/// The body of `POST /api/v1/receivers/test`: `{"receivers": [{"name"}], "alert": {"labels", "annotations"}}`.
enum PostableTest {
    /// A body that is no test.
    struct Refusal: Error, Sendable {
        let reason: String
    }

    /// The receivers' names, at most `limit` and at least one, and the alert that they are told of; without one, or without
    /// labels, one that says what it is.
    static func parse(_ body: [UInt8], now: Int64, limit: Int) throws(Refusal) -> (names: [String], alert: Alert) {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: body)
        } catch {
            throw Refusal(reason: "the body is not JSON: \(error)")
        }
        let names = (document["receivers"]?.array ?? []).compactMap { $0["name"]?.string }
        guard !names.isEmpty, names.count == document["receivers"]?.array?.count, names.count <= limit else {
            throw Refusal(reason: #"the body needs "receivers": [{"name": …}], at most \#(limit)"#)
        }
        var pairs: [[String: String]] = [[:], [:]]
        do throws(PostableAlerts.Refusal) {
            for (index, key) in ["labels", "annotations"].enumerated() {
                guard let value = document["alert"]?[key], !value.isNull else { continue }
                pairs[index] = try PostableAlerts.strings(value, "alert.\(key)")
            }
        } catch {
            if case .unreadable(let reason) = error { throw Refusal(reason: reason) }
            throw Refusal(reason: "\(error)")
        }
        var (labels, annotations) = (pairs[0], pairs[1])
        if let problem = PostableAlerts.problem(labels, annotations) { throw Refusal(reason: problem) }
        if labels.isEmpty { labels = ["alertname": "TestAlert", "instance": "martlet"] }
        if annotations.isEmpty { annotations = ["summary": "A test of this receiver; nothing is wrong."] }
        return (
            names,
            Alert(
                labels: Labels(labels.map { ($0.key, $0.value) }), annotations: annotations, startsAt: now,
                endsAt: now + 300_000_000_000, updatedAt: now)
        )
    }
}
