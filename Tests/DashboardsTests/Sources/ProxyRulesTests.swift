import Dashboards
import HTTPTypes
import Testing

@Suite("What the proxy passes on")
struct ProxyRulesTests {
    @Test(
        "queries pass",
        arguments: [
            (DataSource.Kind.prometheus, HTTPRequest.Method.get, "/api/v1/query"),
            (.prometheus, .post, "/api/v1/query_range"), (.prometheus, .get, "/api/v1/label/__name__/values"),
            (.prometheus, .get, "/api/v1/label/caf%C3%A9/values"), (.loki, .get, "/loki/api/v1/query_range"),
            (.loki, .get, "/loki/api/v1/label/service_name/values"), (.tempo, .get, "/api/traces/0123456789abcdef"),
            (.tempo, .get, "/api/search/tag/resource.service.name/values"),
            (.alertmanager, .get, "/api/v2/alerts/groups"),
            (.loki, .get, "/prometheus/api/v1/rules"), (.loki, .get, "/loki/api/v1/rules"),
            (.prometheus, .get, "/config/v1/rules/team%20a/g"), (.alertmanager, .get, "/api/v1/notifications"),
        ])
    func allowed(kind: DataSource.Kind, method: HTTPRequest.Method, path: String) throws {
        #expect(try ProxyRules.check(kind, method: method, path: path, mayChange: false) == path)
    }

    @Test(
        "changes of silences and rules, and tests of receivers, pass for those who may change things",
        arguments: [
            (DataSource.Kind.alertmanager, HTTPRequest.Method.post, "/api/v2/silences"),
            (.alertmanager, .delete, "/api/v2/silence/8ca5c7a0-2c3f-4b8c-8f3e-3d2a1c6b1f00"),
            (.alertmanager, .post, "/api/v1/receivers/test"), (.prometheus, .post, "/config/v1/rules/team%20a"),
            (.prometheus, .delete, "/config/v1/rules/team%20a"), (.prometheus, .delete, "/config/v1/rules/a/g"),
            (.loki, .post, "/loki/api/v1/rules/a"), (.loki, .delete, "/loki/api/v1/rules/a/g"),
        ])
    func changed(kind: DataSource.Kind, method: HTTPRequest.Method, path: String) throws {
        #expect(try ProxyRules.check(kind, method: method, path: path, mayChange: true) == path)
        #expect(throws: ProxyRules.Refusal.needsEditor) {
            try ProxyRules.check(kind, method: method, path: path, mayChange: false)
        }
    }

    @Test(
        "the audit has a word for each change, and none for questions",
        arguments: [
            (DataSource.Kind.alertmanager, HTTPRequest.Method.post, "/api/v2/silences", "silence.save"),
            (.alertmanager, .delete, "/api/v2/silence/1", "silence.end"),
            (.alertmanager, .post, "/api/v1/receivers/test", "receiver.test"),
            (.prometheus, .post, "/config/v1/rules/a", "rules.save"),
            (.loki, .delete, "/loki/api/v1/rules/a/g", "rules.delete"), (.prometheus, .post, "/api/v1/query", nil),
            (.alertmanager, .get, "/api/v2/silences", nil), (.alertmanager, .post, "/api/v2/alerts", nil),
        ] as [(DataSource.Kind, HTTPRequest.Method, String, String?)])
    func audited(kind: DataSource.Kind, method: HTTPRequest.Method, path: String, action: String?) {
        #expect(ProxyRules.change(kind, method: method, path: path) == action)
    }

    @Test(
        "writes, administration and other paths do not",
        arguments: [
            (DataSource.Kind.prometheus, HTTPRequest.Method.post, "/api/v1/write"),
            (.prometheus, .post, "/api/v1/admin/tsdb/delete_series"), (.prometheus, .post, "/-/reload"),
            (.prometheus, .delete, "/api/v1/series"), (.prometheus, .put, "/api/v1/query"),
            (.prometheus, .post, "/api/v1/metadata"), (.prometheus, .get, "/metrics"),
            (.prometheus, .get, "/api/v1/query/x"),
            (.loki, .post, "/loki/api/v1/push"), (.loki, .post, "/loki/api/v1/delete"), (.loki, .get, "/config"),
            (.tempo, .get, "/flush"), (.tempo, .post, "/api/search"), (.alertmanager, .post, "/api/v2/alerts"),
            (.alertmanager, .delete, "/api/v2/silences"), (.alertmanager, .post, "/-/reload"),
            (.alertmanager, .get, "/api/v1/receivers/test"), (.prometheus, .post, "/config/v1/rules"),
            (.prometheus, .delete, "/config/v1/rules"), (.prometheus, .post, "/config/v1/rules/a/g"),
            (.loki, .post, "/prometheus/api/v1/rules"), (.prometheus, .get, "/config/v1/rules/a/g/h"),
        ])
    func refused(kind: DataSource.Kind, method: HTTPRequest.Method, path: String) {
        #expect(throws: ProxyRules.Refusal.notAllowed) {
            try ProxyRules.check(kind, method: method, path: path, mayChange: true)
        }
    }

    @Test(
        "paths that a server could read as others are malformed",
        arguments: [
            "", "/", "api/v1/query", "//api/v1/query", "/api//v1/query", "/api/v1/query/", "/api/v1/../admin",
            "/api/v1/%2e%2e/query", "/api/v1/%2E/query", "/api/v1/label/a%2Fb/values", "/api/v1/label/a%5Cb/values",
            "/api/v1/label/%00/values", "/api/v1/label/%0d%0a/values", "/api/v1/label/%/values",
            "/api/v1/label/%4/values",
            "/api/v1/label/%zz/values", "/api/v1/label/%ff/values", "/api/v1/label/./values", "/config/v1/rules/a%2Fb",
            #"/api\v1\query"#, "/api/v1/label/x#/values", "/api/v1/query#/../../x",
            "/" + String(repeating: "a", count: 3000),
        ])
    func malformed(path: String) {
        #expect(throws: ProxyRules.Refusal.malformed) {
            try ProxyRules.check(.prometheus, method: .get, path: path, mayChange: true)
        }
    }

    @Test("any bytes give an answer and never a crash", arguments: 0..<8)
    func anyBytes(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        for _ in 0..<2000 {
            var bytes = Array("/api/v1/label/x%41/values".utf8)
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 56)
            }
            let path = String(decoding: bytes, as: UTF8.self)
            if let passed = try? ProxyRules.check(.prometheus, method: .get, path: path, mayChange: true) {
                #expect(!passed.contains("..") && !passed.contains("//") && passed.hasPrefix("/api/v1/"))
            }
        }
    }
}
