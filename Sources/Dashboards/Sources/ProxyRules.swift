package import HTTPTypes
import Service

/// Which requests the proxy passes on to a source: queries and what belongs to them, and from those who may change
/// things the silences and tests of an Alertmanager and the rules of a ruler; nothing else that writes or deletes.
///
/// A path is judged segment by segment after decoding; anything that a server could read as another path (empty or dot
/// segments, encoded slashes, control characters) is refused.
package enum ProxyRules {
    /// What is said about a refused request.
    package enum Refusal: Error, Equatable {
        /// The path is malformed.
        case malformed
        /// The path or method is not one of a query, nor of a change that is passed on.
        case notAllowed
        /// It changes something, and the caller may only read.
        case needsEditor
    }

    /// Checks a request.
    /// - Parameters:
    ///   - kind: what the source speaks.
    ///   - method: the request's method.
    ///   - path: the path behind the proxy's own, percent-encoded, beginning with a slash, without the query.
    ///   - mayChange: true for a caller who may change something at a source.
    /// - Returns: the path to send.
    package static func check(
        _ kind: DataSource.Kind, method: HTTPRequest.Method, path: String, mayChange: Bool
    ) throws(Refusal) -> String {
        // What follows a # is not sent, so that another path than this one would arrive.
        guard path.first == "/", path.utf8.count <= 2048, !path.utf8.contains(UInt8(ascii: "#")) else {
            throw .malformed
        }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for segment in segments {
            guard let plain = QueryParameters.decoded(name: segment), isPlain(plain) else { throw .malformed }
        }
        guard let rule = rules(of: kind).first(where: { matches($0.pattern, segments) }) else { throw .notAllowed }
        if method != .get, method != .head {
            if rule.changes[method] != nil {
                guard mayChange else { throw .needsEditor }
            } else if !rule.isQueryByPost || method != .post {
                throw .notAllowed
            }
        } else if !rule.isReadable {
            throw .notAllowed
        }
        return "/" + segments.joined(separator: "/")
    }

    /// What the audit calls a request that changes something at a source, `silence.save`; nil for a query.
    /// - Parameter path: as ``check(_:method:path:mayChange:)`` takes it.
    package static func change(_ kind: DataSource.Kind, method: HTTPRequest.Method, path: String) -> String? {
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return rules(of: kind).first { matches($0.pattern, segments) }?.changes[method]
    }

    private struct Rule {
        /// Segments; `*` stands for any one.
        let pattern: [String]
        /// Whether GET and HEAD pass.
        let isReadable: Bool
        /// Whether a query may come in the body of a POST.
        let isQueryByPost: Bool
        /// The methods that change something, and what the audit calls that.
        let changes: [HTTPRequest.Method: String]

        init(_ path: String, get: Bool = true, post: Bool = false, changes: [HTTPRequest.Method: String] = [:]) {
            pattern = path.split(separator: "/").map(String.init)
            isReadable = get
            isQueryByPost = post
            self.changes = changes
        }

        /// The rules below a path, as Mimir's and Loki's rulers have them: all, those of a namespace, one group.
        static func files(_ path: String) -> [Rule] {
            [
                Rule(path), Rule(path + "/*", changes: [.post: "rules.save", .delete: "rules.delete"]),
                Rule(path + "/*/*", changes: [.delete: "rules.delete"]),
            ]
        }
    }

    private static func rules(of kind: DataSource.Kind) -> [Rule] {
        switch kind {
        case .prometheus: prometheus
        case .loki: loki
        case .tempo: tempo
        case .alertmanager: alertmanager
        }
    }

    private static let prometheus =
        [
            Rule("api/v1/query", post: true), Rule("api/v1/query_range", post: true),
            Rule("api/v1/query_exemplars", post: true), Rule("api/v1/series", post: true),
            Rule("api/v1/labels", post: true), Rule("api/v1/label/*/values"), Rule("api/v1/metadata"),
            Rule("api/v1/targets"), Rule("api/v1/targets/metadata"), Rule("api/v1/rules"), Rule("api/v1/alerts"),
            Rule("api/v1/format_query", post: true), Rule("api/v1/parse_query", post: true),
            Rule("api/v1/status/buildinfo"), Rule("api/v1/status/tsdb"), Rule("api/v1/status/runtimeinfo"),
            Rule("api/v1/status/top_queries"),
        ] + Rule.files("config/v1/rules")

    private static let loki =
        [
            Rule("loki/api/v1/query", post: true), Rule("loki/api/v1/query_range", post: true),
            Rule("loki/api/v1/labels", post: true), Rule("loki/api/v1/label"), Rule("loki/api/v1/label/*/values"),
            Rule("loki/api/v1/series", post: true), Rule("loki/api/v1/index/stats"), Rule("loki/api/v1/index/volume"),
            Rule("loki/api/v1/index/volume_range"), Rule("loki/api/v1/patterns"), Rule("loki/api/v1/detected_labels"),
            Rule("loki/api/v1/detected_fields"), Rule("loki/api/v1/detected_field/*/values"),
            Rule("loki/api/v1/status/buildinfo"), Rule("prometheus/api/v1/rules"), Rule("prometheus/api/v1/alerts"),
        ] + Rule.files("loki/api/v1/rules")

    private static let tempo = [
        Rule("api/traces/*"), Rule("api/v2/traces/*"), Rule("api/search"), Rule("api/search/tags"),
        Rule("api/search/tag/*/values"), Rule("api/v2/search/tags"), Rule("api/v2/search/tag/*/values"),
        Rule("api/metrics/query"), Rule("api/metrics/query_range"), Rule("api/echo"), Rule("api/status/buildinfo"),
    ]

    private static let alertmanager = [
        Rule("api/v2/alerts"), Rule("api/v2/alerts/groups"), Rule("api/v2/silences", changes: [.post: "silence.save"]),
        Rule("api/v2/silence/*", changes: [.delete: "silence.end"]), Rule("api/v2/receivers"), Rule("api/v2/status"),
        Rule("api/v1/notifications"), Rule("api/v1/receivers/test", get: false, changes: [.post: "receiver.test"]),
    ]

    private static func matches(_ pattern: [String], _ segments: [String]) -> Bool {
        pattern.count == segments.count && zip(pattern, segments).allSatisfy { $0 == "*" || $0 == $1 }
    }

    /// True for a name that no server takes for another path.
    private static func isPlain(_ segment: String) -> Bool {
        if segment.isEmpty || segment == "." || segment == ".." { return false }
        return segment.utf8.allSatisfy { byte in
            byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "\\")
        }
    }
}
