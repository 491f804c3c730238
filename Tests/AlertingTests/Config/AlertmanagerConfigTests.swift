import Alerting
import MartletCore
import Service
import Testing

@Suite("An alertmanager.yml")
struct AlertmanagerConfigTests {
    static let full = """
        global:
          resolve_timeout: 3m
          smtp_smarthost: mail:25
          http_config: {follow_redirects: false}
        templates: ['/etc/*.tmpl']
        route:
          receiver: team
          group_by: [alertname, cluster]
          group_wait: 10s
          routes:
          - matchers: [severity="critical", 'team=~"db|web"']
            receiver: pager
            continue: true
            mute_time_intervals: [night]
          - match: {severity: warning}
            match_re: {team: "db|web"}
            group_by: ['...']
            repeat_interval: 1d
        inhibit_rules:
        - source_matchers: [severity=critical]
          target_match: {severity: warning}
          equal: [alertname]
        receivers:
        - name: team
        - name: pager
          webhook_configs:
          - url: http://127.0.0.1:1/x
            send_resolved: false
            max_alerts: 10
            http_config:
              basic_auth: {username: u, password: hidden-word}
          - url_file: /run/secret
        time_intervals:
        - name: night
          time_intervals:
          - times: [{start_time: '22:00', end_time: '24:00'}]
            weekdays: ['monday:friday']
        """

    @Test("is read whole, routes inherit, and keys without meaning are named")
    func whole() throws {
        let config = try config(Self.full)
        #expect(config.resolveTimeout == 180 * second)
        let nodes = config.routes.nodes
        #expect(nodes.map(\.receiver) == ["team", "pager", "team"])
        #expect(nodes.map(\.groupWait) == [10 * second, 10 * second, 10 * second])
        #expect(nodes.map(\.repeatInterval) == [14400 * second, 14400 * second, 86400 * second])
        #expect(nodes[0].groupBy == .labels(["alertname", "cluster"]))
        #expect(nodes[2].groupBy == .all)
        #expect(nodes[1].key == #"{}/{severity="critical",team=~"db|web"}"#)
        #expect(nodes[2].key == #"{}/{severity="warning",team=~"db|web"}"#)
        #expect(config.receivers.map(\.webhooks.count) == [0, 2])
        #expect(config.receivers[1].webhooks[0].sendResolved == false)
        #expect(config.receivers[1].webhooks[1].http.followRedirects == false)
        #expect(config.warnings.count == 2)
        #expect(config.warnings.contains { $0.contains("alertmanager.yml:3:") && $0.contains("smtp_smarthost") })
    }

    @Test("with durations beyond a century takes a century")
    func longDurations() throws {
        let config = try config(
            "global: {resolve_timeout: 290y}\nroute: {receiver: r, repeat_interval: 290y}\nreceivers: [{name: r}]")
        let century = 36_500 * 86_400 * second
        #expect(config.resolveTimeout == century)
        #expect(config.routes.nodes[0].repeatInterval == century)
    }

    @Test("without a file gives a route and a receiver that sends nothing")
    func standard() throws {
        let config = try config(AlertmanagerConfig.standard)
        #expect(config.receivers.map(\.webhooks.count) == [0])
    }

    @Test(
        "with a mistake names its place",
        arguments: [
            ("receivers: [{name: r}]", "no route provided"),
            ("route: {receiver: r}", "undefined receiver \"r\""),
            ("route: {}\nreceivers: [{name: r}]", "root route must specify a default receiver"),
            ("route: {receiver: r, matchers: [a=b]}\nreceivers: [{name: r}]", "must not have any matchers"),
            ("route: {receiver: r, continue: true}\nreceivers: [{name: r}]", "continue"),
            ("route: {receiver: r, routes: [{matchers: ['a=~(']}]}\nreceivers: [{name: r}]", "error parsing regexp"),
            ("route: {receiver: r, group_by: [a, a]}\nreceivers: [{name: r}]", "duplicated label"),
            ("route: {receiver: r, group_by: [a, '...']}\nreceivers: [{name: r}]", "wildcard group_by"),
            ("route: {receiver: r, group_interval: 0s}\nreceivers: [{name: r}]", "group_interval cannot be zero"),
            (
                "route: {receiver: r, routes: [{mute_time_intervals: [x]}]}\nreceivers: [{name: r}]",
                "undefined time interval"
            ),
            ("route: {receiver: r}\nreceivers: [{name: r}, {name: r}]", "is not unique"),
            (
                "route: {receiver: r}\nreceivers: [{name: r, slack_configs: [{channel: '#x'}]}]",
                "slack_configs is not supported"
            ),
            ("route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{}]}]", "one of url or url_file"),
            ("route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: 'ftp://x'}]}]", "unsupported scheme"),
            ("route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: 'http:///x'}]}]", "missing host"),
            ("route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: 'http://a b/'}]}]", "blank in URL"),
            (
                "route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: {http_headers: {'a b': {values: [c]}}}}]}]",
                "not a valid header name"
            ),
            (
                "route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: {http_headers: {X-A: {values: [\"b\\r\\nX-C: d\"]}}}}]}]",
                "control character"
            ),
            (
                "route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: {proxy_url: 'http://p'}}]}]",
                "proxy_url is not supported"
            ),
            ("route: {receiver: r, grup_by: [a]}\nreceivers: [{name: r}]", "did you mean \"group_by\""),
            ("rout: {receiver: r}", "unknown key \"rout\""),
            ("global: {resolve_timeout: soon}\nroute: {receiver: r}\nreceivers: [{name: r}]", "resolve_timeout"),
        ])
    func mistakes(_ yaml: String, _ reason: String) {
        do {
            _ = try config(yaml)
            Issue.record("accepted")
        } catch let error as ConfigError {
            #expect(error.description.contains(reason), "\(error)")
            #expect(error.line != nil)
        } catch {
            Issue.record("\(error)")
        }
    }
}

@Suite("The routing tree")
struct RouteTreeTests {
    @Test(
        "leads an alert to the deepest routes that match",
        arguments: [
            (["x": "1"], ["default"]), (["team": "a"], ["a"]), (["team": "a", "deep": "1"], ["b"]),
            (["team": "b"], ["b", "default"]), (["team": "c"], ["default"]),
        ])
    func match(_ labels: [String: String], _ expected: [String]) throws {
        let tree = try routes(
            """
              routes:
              - matchers: [team=a]
                receiver: a
                routes:
                - matchers: [deep=1]
                  receiver: b
              - matchers: [team=b]
                receiver: b
                continue: true
              - matchers: ['team=~"b|c"']
            """)
        #expect(tree.routes(for: Labels(labels.map { ($0.key, $0.value) })).map(\.receiver) == expected)
    }
}
