import HTTPTypes
package import Hummingbird
import Logging
import MartletCore
package import Service

/// Who was told of what, when, and the test of a receiver. Alertmanager's API has neither, so these paths are our own, and
/// the words those of Grafana's API of receivers where it has some.
package struct NotificationAPI: Sendable {
    private let manager: AlertManager
    private let test: ReceiverTest
    /// Outcomes that are shown unless a number is asked for.
    private static let usualOutcomes = 200
    /// Receivers in one test.
    private static let testLimit = 10
    /// Bytes of a test's body.
    private static let bodyLimit = 1 << 14

    /// An API in front of `manager`; `test` sends what a test sends.
    package init(manager: AlertManager, test: ReceiverTest) {
        self.manager = manager
        self.test = test
    }

    /// Adds the routes. The test is a POST and so asks for the right to write.
    package func add(to router: Router<ServiceContext>) {
        router.get("/api/v1/notifications") { request, _ in try notifications(request) }
        router.post("/api/v1/receivers/test") { request, context in try await runTest(request, context) }
    }

    // MARK: Who was told

    private func notifications(_ request: Request) throws -> Response {
        let asked = QueryParameters(request)["limit"]
        guard let limit = asked.map({ Int($0) }) ?? Self.usualOutcomes, limit >= 0 else {
            throw APIError(
                .badRequest, code: 400, "limit must be a number of outcomes, at most \(NotificationHistory.limit)")
        }
        let groups = manager.groupNotifications()
        let (outcomes, failures) = manager.history.withLock { ($0.latest, $0.failures) }
        var latest: [NotificationKey: NotificationOutcome] = [:]
        for outcome in outcomes where !outcome.isTest {
            let key = NotificationKey(outcome.groupKey, outcome.receiver, outcome.integration)
            if latest[key] == nil { latest[key] = outcome }
        }
        var json = JSONWriter()
        json.beginObject()
        json.key("groups")
        json.beginArray()
        for group in groups {
            json.beginObject()
            Self.writeGroup(group.key, group.labels, group.receiver, to: &json)
            json.key("nextNotification")
            json.string(AlertJSON.time(group.nextAt))
            json.key("integrations")
            json.beginArray()
            for (index, integration) in group.integrations.enumerated() {
                let outcome = latest[NotificationKey(group.key, group.receiver, index)]
                Self.write(integration, index, outcome, failures[integration.key], to: &json)
            }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        json.key("history")
        json.beginArray()
        for outcome in outcomes.prefix(limit) { Self.write(outcome, to: &json) }
        json.endArray()
        json.endObject()
        return APIReply.json(json.bytes)
    }

    private struct NotificationKey: Hashable {
        let group: String
        let receiver: String
        let integration: Int

        init(_ group: String, _ receiver: String, _ integration: Int) {
            self.group = group
            self.receiver = receiver
            self.integration = integration
        }
    }

    private static func write(
        _ integration: AlertManager.GroupNotifications.Integration, _ index: Int, _ outcome: NotificationOutcome?,
        _ failure: NotificationHistory.Failure?, to json: inout JSONWriter
    ) {
        json.beginObject()
        writeIntegration(index, as: "name", to: &json)
        json.key("sendResolved")
        json.bool(integration.sendsResolved)
        if let record = integration.record {
            json.key("lastNotified")
            json.string(AlertJSON.time(record.timestamp))
            writeCounts(firing: record.firing.count, resolved: record.resolved.count, to: &json)
        }
        // What goes on counts more than what ended before.
        if let failure {
            attempt(failure.at, failure.attempts, failure.error, to: &json)
        } else if let outcome {
            attempt(outcome.endedAt, outcome.attempts, outcome.error, to: &json)
        }
        json.key("retrying")
        json.bool(failure != nil)
        json.endObject()
    }

    private static func attempt(_ at: Int64, _ attempts: Int, _ error: String?, to json: inout JSONWriter) {
        json.key("lastNotifyAttempt")
        json.string(AlertJSON.time(at))
        writeAttempts(attempts, error, as: "lastNotifyAttemptError", to: &json)
    }

    // MARK: What groups, outcomes and tests have in common

    private static func writeGroup(_ key: String, _ labels: Labels, _ receiver: String, to json: inout JSONWriter) {
        json.key("groupKey")
        json.string(key)
        json.key("labels")
        json.labels(labels)
        json.key("receiver")
        json.string(receiver)
    }

    private static func writeIntegration(_ index: Int, as key: String, to json: inout JSONWriter) {
        json.key(key)
        json.string("webhook")
        json.key("index")
        json.int(index)
    }

    private static func writeCounts(firing: Int, resolved: Int, to json: inout JSONWriter) {
        json.key("firing")
        json.int(firing)
        json.key("resolved")
        json.int(resolved)
    }

    private static func writeAttempts(
        _ attempts: Int, _ error: String?, as key: String, to json: inout JSONWriter
    ) {
        json.key("attempts")
        json.int(attempts)
        guard let error else { return }
        json.key(key)
        json.string(error)
    }

    private static func write(_ outcome: NotificationOutcome, to json: inout JSONWriter) {
        json.beginObject()
        json.key("at")
        json.string(AlertJSON.time(outcome.endedAt))
        json.key("seconds")
        json.double(outcome.seconds)
        writeGroup(outcome.groupKey, outcome.labels, outcome.receiver, to: &json)
        writeIntegration(outcome.integration, as: "integration", to: &json)
        writeCounts(firing: outcome.firing, resolved: outcome.resolved, to: &json)
        writeAttempts(outcome.attempts, outcome.error, as: "error", to: &json)
        json.key("test")
        json.bool(outcome.isTest)
        json.endObject()
    }

    // MARK: Tests

    private func runTest(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let body = try await requestBody(request, context, limit: Self.bodyLimit)
        let wanted: (names: [String], alert: Alert)
        do {
            wanted = try PostableTest.parse(Array(body.readableBytesView), now: manager.now(), limit: Self.testLimit)
        } catch {
            throw APIError(.badRequest, code: 400, error.reason)
        }
        let config = manager.config
        for name in wanted.names where config.receiver(named: name) == nil {
            throw APIError(.notFound, code: 404, "there is no receiver \(GoQuote.quote(name))")
        }
        var json = JSONWriter()
        json.beginObject()
        json.key("alert")
        json.beginObject()
        json.key("labels")
        json.labels(wanted.alert.labels)
        json.key("annotations")
        json.labels(Labels(wanted.alert.annotations.map { ($0.key, $0.value) }))
        json.endObject()
        json.key("notifiedAt")
        json.string(AlertJSON.time(manager.now()))
        json.key("receivers")
        json.beginArray()
        for name in wanted.names {
            let results = await test.run(name, alert: wanted.alert) ?? []
            context.logger.info(
                "receiver tested",
                metadata: [
                    "receiver": .string(name), "integrations": .stringConvertible(results.count),
                    "failed": .stringConvertible(results.count { $0.error != nil }),
                ])
            Self.write(name, results, to: &json)
        }
        json.endArray()
        json.endObject()
        return APIReply.json(json.bytes)
    }

    private static func write(_ name: String, _ results: [ReceiverTest.Result], to json: inout JSONWriter) {
        json.beginObject()
        json.key("name")
        json.string(name)
        json.key("integrations")
        json.beginArray()
        for result in results {
            json.beginObject()
            writeIntegration(result.integration, as: "name", to: &json)
            json.key("status")
            json.string(result.error == nil ? "ok" : "failed")
            if let error = result.error {
                json.key("error")
                json.string(error)
            }
            json.key("seconds")
            json.double(result.seconds)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }
}
