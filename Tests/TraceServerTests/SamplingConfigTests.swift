import Service
import Testing
import TraceSampling
import TraceServer
import TraceStorage

@Suite("Configuration of sampling")
struct SamplingConfigTests {
    private func config(_ text: String) throws -> TraceConfig {
        try TraceConfig(ConfigDocument(text: text, file: "tempo.yaml"))
    }

    @Test("is off unless the section is there")
    func off() throws {
        #expect(try config("").headSampling == nil)
        #expect(try config("").store.tail == nil)
        #expect(try config("sampling: {}").headSampling == nil)
        #expect(try config("sampling:\n  head:\n  tail:\n").store.tail == nil)
    }

    @Test("reads head sampling")
    func head() throws {
        let plain = try config("sampling: {head: {sampling_percentage: 15.3}}")
        #expect(plain.headSampling == HeadSampling(percentage: 15.3))
        let full = try config(
            """
            sampling:
              head:
                sampling_percentage: 10
                mode: equalizing
                hash_seed: 22
                sampling_precision: 6
                fail_closed: false
                attribute_source: traceID
            """)
        var expected = HeadSampling(percentage: 10)
        expected.mode = .equalizing
        expected.seed = 22
        expected.precision = 6
        expected.failsClosed = false
        #expect(full.headSampling == expected)
        #expect(full.warnings.count == 1)
    }

    @Test("reads tail sampling with every type of policy")
    func tail() throws {
        let config = try config(
            """
            sampling:
              tail:
                decision_wait: 1m500ms
                num_traces: 1_000
                expected_new_traces_per_sec: 10
                sample_on_first_match: true
                drop_pending_traces_on_shutdown: false
                sampling_strategy: trace-complete
                decision_cache: {sampled_cache_size: 7, non_sampled_cache_size: 8}
                policies:
                  - {name: p1, type: always_sample}
                  - {name: p2, type: latency, latency: {threshold_ms: 5000, upper_threshold_ms: 10000}}
                  - {name: p3, type: numeric_attribute, numeric_attribute: {key: key1, min_value: 50, max_value: 100}}
                  - {name: p4, type: probabilistic, probabilistic: {sampling_percentage: 10, hash_salt: salt}}
                  - {name: p5, type: status_code, status_code: {status_codes: [ERROR, UNSET]}}
                  - {name: p6, type: string_attribute, string_attribute: {key: key2, values: [value1, value2]}}
                  - name: p7
                    type: string_attribute
                    string_attribute: {key: k, values: [val*], enabled_regex_matching: true, invert_match: true}
                  - {name: p8, type: rate_limiting, rate_limiting: {spans_per_second: 35}}
                  - {name: p9, type: bytes_limiting, bytes_limiting: {bytes_per_second: 10, burst_capacity: 20}}
                  - {name: p10, type: span_count, span_count: {min_spans: 2, max_spans: 20}}
                  - {name: p11, type: trace_state, trace_state: {key: key3, values: [value1, value2]}}
                  - {name: p12, type: boolean_attribute, boolean_attribute: {key: key4, value: true}}
                  - {name: p13, type: trace_flags}
                  - name: p14
                    type: and
                    and:
                      and_sub_policy:
                        - {name: a, type: latency, latency: {threshold_ms: 1}}
                        - {name: a, type: not, not: {not_sub_policy: {name: n, type: always_sample}}}
                  - name: p15
                    type: drop
                    drop: {drop_sub_policy: [{name: d, type: trace_flags}]}
                  - name: p16
                    type: composite
                    composite:
                      max_total_spans_per_second: 1000
                      policy_order: [c2, c1]
                      composite_sub_policy:
                        - {name: c1, type: always_sample}
                        - {name: c2, type: span_count, span_count: {min_spans: 1}}
                      rate_allocation: [{policy: c1, percent: 50}, {policy: c2, percent: 25}]
            """)
        let tail = try #require(config.store.tail)
        #expect(tail.wait == 60_500_000_000)
        #expect(tail.maxTraces == 1000)
        #expect(tail.notSampledCacheSize == 8)
        #expect(tail.stopsAtFirstMatch)
        #expect(tail.policies.map(\.name) == (1...16).map { "p\($0)" })
        #expect(tail.policies[2].rule is NumberRule)
        #expect(tail.policies[14].rule is DropRule)
        #expect(config.warnings.count == 2)
        #expect(config.warnings.contains { $0.contains("expected_new_traces_per_sec has no effect") })
        #expect(config.warnings.contains { $0.contains("sampled_cache_size has no effect") })
    }

    @Test("has the defaults of the Collector's processor")
    func defaults() throws {
        let tail = try config("sampling: {tail: {policies: [{name: a, type: always_sample}]}}").store.tail
        #expect(tail?.wait == 30_000_000_000)
        #expect(tail?.stopsAtFirstMatch == false)
    }

    private static func policy(_ text: String) -> String { "sampling: {tail: {policies: [\n{\(text)}]}}" }

    @Test(
        "refuses mistakes with their place",
        arguments: [
            ("sampling: {headd: {}}", "tempo.yaml:1:12"),
            ("sampling: {head: {}}", "tempo.yaml:1:18"),
            ("sampling: {head: {sampling_percentage: -1}}", "tempo.yaml:1:40"),
            ("sampling: {head: {sampling_percentage: 1, mode: odd}}", "tempo.yaml:1:49"),
            ("sampling: {head: {sampling_percentage: 1, hash_seed: -1}}", "tempo.yaml:1:54"),
            ("sampling: {head: {sampling_percentage: 1, sampling_precision: 15}}", "tempo.yaml:1:63"),
            ("sampling: {tail: {}}", "tempo.yaml:1:18"),
            ("sampling: {tail: {policies: []}}", "tempo.yaml:1:29"),
            ("sampling: {tail: {decision_wait: -1s, policies: [{name: a, type: always_sample}]}}", "tempo.yaml:1:34"),
            (policy("name: a, type: odd"), "tempo.yaml:2:17"),
            (policy("name: a, type: always_sample, extra: 1"), "tempo.yaml:2:32"),
            (policy("name: a"), "tempo.yaml:2:1"), (policy("type: always_sample"), "tempo.yaml:2:1"),
            (policy("name: a, type: latency"), "tempo.yaml:2:1"),
            (policy("name: a, type: latency, latency: {threshold: 1}"), "tempo.yaml:2:36"),
            (policy("name: a, type: numeric_attribute, numeric_attribute: {key: k}"), "tempo.yaml:2:55"),
            (policy("name: a, type: status_code, status_code: {status_codes: [BAD]}"), "tempo.yaml:2:59"),
            (
                policy(
                    "name: a, type: string_attribute, string_attribute: {key: k, enabled_regex_matching: true, values: ['(']}"
                ), "tempo.yaml:2:101"
            ),
            (policy("name: a, type: and, and: {and_sub_policy: []}"), "tempo.yaml:2:44"),
            (policy("name: a, type: and, and: {and_sub_policy: [{name: b, type: drop}]}"), "tempo.yaml:2:61"),
            (
                policy(
                    "name: a, type: composite, composite: {composite_sub_policy: [{name: b, type: always_sample}], policy_order: [c]}"
                ), "tempo.yaml:2:111"
            ),
            (
                policy(
                    "name: a, type: composite, composite: {composite_sub_policy: [{name: b, type: always_sample}], rate_allocation: [{policy: b, percent: 101}]}"
                ), "tempo.yaml:2:135"
            ),
            (policy("name: a, type: always_sample}, {name: a, type: always_sample"), "tempo.yaml:2:33"),
        ])
    func refuses(text: String, place: String) {
        let error = #expect(throws: ConfigError.self) { try config(text) }
        #expect(error.map { "\($0)" }?.hasPrefix(place + ":") == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test(
        "says what is wrong with a condition in OTTL, and where",
        arguments: [
            ("{span: ['name == ']}", "ottl_condition.span[0]: at character 9: a value is missing before the end"),
            (
                "{span: ['true', 'nam == 1']}",
                "ottl_condition.span[1]: at character 1: the path \"nam\" is not known here"
            ),
            ("{spanevent: ['IsRootSpan()']}", "ottl_condition.spanevent[0]: at character 1: the function IsRootSpan"),
            ("{}", "needs a condition in span or spanevent"),
            ("{span: ['true'], error_mode: loud}", "must be one of ignore, silent, propagate"),
            ("{span: ['true'], spans: []}", "spans"),
        ])
    func ottl(conditions: String, complaint: String) {
        let error = #expect(throws: ConfigError.self) {
            try config(Self.policy("name: a, type: ottl_condition, ottl_condition: \(conditions)"))
        }
        #expect(error.map { "\($0)" }?.contains(complaint) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("takes conditions in OTTL as the Collector's processor does")
    func conditions() throws {
        let config = try config(
            """
            sampling:
              tail:
                policies:
                  - name: test-policy-12
                    type: ottl_condition
                    ottl_condition:
                      error_mode: ignore
                      span:
                        - "attributes[\\"test_attr_key_1\\"] == \\"test_attr_val_1\\""
                        - 'resource.attributes["service.name"] == "shop" and status.code == STATUS_CODE_ERROR'
                      spanevent:
                        - 'name != "test_span_event_name"'
            """)
        #expect(config.store.tail?.policies.first?.rule is OTTLRule)
    }
}
