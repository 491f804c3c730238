import Hummingbird
import MartletCore
import Service

/// The parameters by which the API's lists are narrowed.
struct AlertQuery {
    private let active: Bool
    private let silenced: Bool
    private let inhibited: Bool
    private let matchers: [Matcher]
    private let receiver: Regex?

    init(_ request: Request) throws(APIError) {
        let query = QueryParameters(request)
        func flag(_ name: String) -> Bool {
            // Go's ParseBool; anything else counts as the default, as in Alertmanager.
            !["0", "f", "F", "FALSE", "false", "False"].contains(query[name] ?? "")
        }
        active = flag("active")
        silenced = flag("silenced")
        inhibited = flag("inhibited")
        var matchers: [Matcher] = []
        for text in query.all("filter") {
            do {
                matchers.append(try MatcherSyntax.one(text))
            } catch {
                throw APIError(.badRequest, "bad matcher format: \(text)")
            }
        }
        self.matchers = matchers
        if let text = query["receiver"], !text.isEmpty {
            do {
                receiver = try Regex(text, anchored: true)
            } catch {
                throw APIError(.badRequest, "failed to parse receiver param: \(error)")
            }
        } else {
            receiver = nil
        }
    }

    func wants(receiver name: String) -> Bool { receiver?.matches(name) ?? true }

    func wants(_ alert: AlertManager.AlertView) -> Bool {
        if !active, !alert.isSuppressed { return false }
        if !silenced, !alert.silencedBy.isEmpty { return false }
        if !inhibited, !alert.inhibitedBy.isEmpty { return false }
        return matchers.allSatisfy { $0.matches(alert.alert.labels) }
    }

    /// A silence is wanted when it has a matcher like each of the given ones, or one whose values they match.
    func wants(_ silence: Silence, now: Int64) -> Bool {
        matchers.allSatisfy { wanted in
            silence.matchers.contains { matcher in
                guard matcher.name == wanted.name else { return false }
                if matcher == wanted { return true }
                let value = Array(matcher.value.utf8)
                return value.withUnsafeBytes { wanted.matches($0) }
            }
        }
    }
}
