import Durable
import HTTPTypes
package import Hummingbird
import MartletCore
import Metrics
import NIOCore
package import Service

/// Alertmanager's HTTP API, version 2, under `/api/v2`.
package struct AlertAPI: Sendable {
    private let manager: AlertManager
    private let startedAt: Int64
    /// Largest accepted body in bytes.
    private let bodyLimit: Int

    /// An API in front of `manager`.
    package init(manager: AlertManager, bodyLimit: Int = 16 << 20) {
        self.manager = manager
        self.bodyLimit = bodyLimit
        startedAt = manager.now()
    }

    /// Adds the routes.
    package func add(to router: Router<ServiceContext>) {
        let api = router.group("/api/v2")
        api.get("/status") { _, _ in status() }
        api.get("/receivers") { _, _ in receivers() }
        api.get("/alerts") { request, _ in try alerts(AlertQuery(request)) }
        api.post("/alerts") { request, context in try await postAlerts(request, context) }
        api.get("/alerts/groups") { request, _ in try groups(AlertQuery(request)) }
        api.get("/silences") { request, _ in try silences(AlertQuery(request)) }
        api.post("/silences") { request, context in try await postSilence(request, context) }
        api.get("/silence/{id}") { _, context in try silence(id(context)) }
        api.delete("/silence/{id}") { _, context in
            let id = try id(context)
            do {
                try await context.blocking.run { try manager.expireSilence(id) }
            } catch let error as SilenceError {
                throw APIError(error == .notFound ? .notFound : .internalServerError, "\(error)")
            } catch let error as DurableError where error.code == .noSpace {
                throw AlertAPI.diskIsFull(error, "Failed to expire silence")
            }
            return APIReply.empty()
        }
    }

    // MARK: Status

    private func status() -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("cluster")
        json.raw(#"{"peers":[],"status":"disabled"}"#)
        json.key("config")
        json.beginObject()
        json.key("original")
        json.string(manager.configText)
        json.endObject()
        json.key("uptime")
        json.string(AlertJSON.time(startedAt))
        json.key("versionInfo")
        json.raw(JSONValue.object(BuildVersion.members).bytes)
        json.endObject()
        return APIReply.json(json.bytes)
    }

    private func receivers() -> Response {
        var json = JSONWriter()
        json.beginArray()
        for receiver in manager.config.receivers { AlertJSON.receiver(receiver.name, to: &json) }
        json.endArray()
        return APIReply.json(json.bytes)
    }

    // MARK: Alerts

    private func alerts(_ query: AlertQuery) -> Response {
        var json = JSONWriter()
        json.beginArray()
        for alert in manager.alerts()
        where query.wants(alert) && alert.receivers.contains(where: query.wants(receiver:)) {
            AlertJSON.write(alert, to: &json)
        }
        json.endArray()
        return APIReply.json(json.bytes)
    }

    private func groups(_ query: AlertQuery) -> Response {
        var json = JSONWriter()
        json.beginArray()
        for group in manager.groups() where query.wants(receiver: group.receiver) {
            let alerts = group.alerts.filter(query.wants)
            if alerts.isEmpty { continue }
            json.beginObject()
            json.key("alerts")
            json.beginArray()
            for alert in alerts { AlertJSON.write(alert, to: &json) }
            json.endArray()
            json.key("labels")
            json.labels(group.labels)
            json.key("receiver")
            AlertJSON.receiver(group.receiver, to: &json)
            json.endObject()
        }
        json.endArray()
        return APIReply.json(json.bytes)
    }

    private func postAlerts(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let body = try await json(request, context)
        do {
            let (alerts, problems) = try PostableAlerts.parse(
                body, now: manager.now(), resolveTimeout: manager.config.resolveTimeout)
            let now = manager.now()
            for alert in alerts {
                let status = alert.isResolved(at: now) ? "resolved" : "firing"
                Counter(
                    label: "alertmanager_alerts_received_total", dimensions: [("status", status), ("version", "v2")]
                )
                .increment()
            }
            let refused = manager.receive(alerts)
            if refused > 0 {
                throw APIError(
                    .serviceUnavailable,
                    "\(refused) new alerts were not taken: the memory limit is reached (--memory.limit)")
            }
            if !problems.isEmpty {
                Counter(label: "alertmanager_alerts_invalid_total", dimensions: [("version", "v2")])
                    .increment(by: problems.count)
                throw APIError(.badRequest, problems.joined(separator: "; "))
            }
            return APIReply.empty()
        } catch let refusal as PostableAlerts.Refusal {
            throw AlertAPI.error(refusal, "alerts")
        }
    }

    // MARK: Silences

    private func silences(_ query: AlertQuery) -> Response {
        let now = manager.now()
        var json = JSONWriter()
        json.beginArray()
        for silence in manager.silences() where query.wants(silence, now: now) {
            AlertJSON.write(silence, now: now, to: &json)
        }
        json.endArray()
        return APIReply.json(json.bytes)
    }

    private func silence(_ id: String) throws -> Response {
        guard let silence = manager.silence(id) else { return APIReply.empty(.notFound) }
        var json = JSONWriter()
        AlertJSON.write(silence, now: manager.now(), to: &json)
        return APIReply.json(json.bytes)
    }

    private func postSilence(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let body = try await json(request, context)
        let wanted: Silence
        do {
            wanted = try PostableSilence.parse(body)
        } catch {
            throw AlertAPI.error(error, "silence")
        }
        let now = manager.now()
        guard wanted.startsAt < wanted.endsAt else {
            throw APIError(.badRequest, "Failed to create silence: start time must be before end time")
        }
        guard wanted.endsAt > now else {
            throw APIError(.badRequest, "Failed to create silence: end time can't be in the past")
        }
        do {
            let id = try await context.blocking.run { try manager.setSilence(wanted) }
            var json = JSONWriter()
            json.beginObject()
            json.key("silenceID")
            json.string(id)
            json.endObject()
            return APIReply.json(json.bytes)
        } catch let error as SilenceError {
            throw APIError(error == .notFound ? .notFound : .badRequest, "\(error)")
        } catch let error as DurableError where error.code == .tooLarge {
            throw APIError(.badRequest, "Failed to create silence: \(error.message)")
        } catch let error as DurableError where error.code == .noSpace {
            throw AlertAPI.diskIsFull(error, "Failed to create silence")
        }
    }

    // MARK: -

    private func id(_ context: ServiceContext) throws(APIError) -> String {
        let id = context.parameters.get("id") ?? ""
        guard SilenceID.isValid(id) else {
            throw APIError(
                .unprocessableContent, code: 601, "silenceID in path must be of type uuid: \(GoQuote.quote(id))")
        }
        return id.lowercased()
    }

    private func json(_ request: Request, _ context: ServiceContext) async throws -> [UInt8] {
        let type = request.headers[.contentType] ?? ""
        let media = type.split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() } ?? ""
        guard media == "application/json" else {
            throw APIError(
                .unsupportedMediaType, code: 415,
                "unsupported media type \(GoQuote.quote(type)), only [application/json] are allowed")
        }
        let body = try await requestBody(request, context, limit: bodyLimit)
        return Array(body.readableBytesView)
    }

    /// Nothing has changed and the same request may succeed later.
    private static func diskIsFull(_ error: DurableError, _ what: String) -> APIError {
        APIError(.serviceUnavailable, "\(what): the disk is full: \(error)")
    }

    private static func error(_ refusal: PostableAlerts.Refusal, _ what: String) -> APIError {
        switch refusal {
        case .unreadable(let reason):
            APIError(.badRequest, code: 400, "parsing \(what) body from \"\" failed, because \(reason)")
        case .undescribed(let code, let reason):
            code == 400 ? APIError(.badRequest, reason) : APIError(.unprocessableContent, code: code, reason)
        }
    }
}
