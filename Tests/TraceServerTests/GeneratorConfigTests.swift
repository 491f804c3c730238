import RemoteStorage
import Service
import SpanMetrics
import Testing
import TraceServer

@Suite("Tempo's metrics_generator")
struct GeneratorConfigTests {
    private func config(_ text: String) throws -> TraceConfig {
        try TraceConfig(ConfigDocument(text: text, file: "tempo.yaml"))
    }

    @Test("makes nothing until overrides name a processor")
    func off() throws {
        let config = try config("metrics_generator: {processor: {span_metrics: {dimensions: [a]}}}")
        #expect(!config.generator.isEnabled)
        #expect(config.warnings.isEmpty)
    }

    @Test("reads the section and its overrides, which rule")
    func reads() throws {
        let generator = try config(
            """
            metrics_generator:
              instance_id: one
              metrics_ingestion_time_range_slack: 1m
              processor:
                span_metrics: {dimensions: [a, b], histogram_buckets: [1, 2], enable_target_info: true}
                service_graphs: {wait: 5s, max_items: 7, enable_virtual_node_label: true}
              registry: {collection_interval: 5s, stale_duration: 1h, external_labels: {site: x}}
              storage:
                path: /wal
                remote_write_add_org_id_header: false
                remote_write: [{url: "http://metrics/api/v1/write"}]
            overrides:
              defaults:
                metrics_generator:
                  processors: [span-metrics, service-graphs-latency]
                  max_active_series: 9
                  generate_native_histograms: both
                  remote_write_headers: {X-Team: t}
                  processor:
                    span_metrics: {dimensions: [c], intrinsic_dimensions: {span_kind: false, status_message: true}}
                    service_graphs: {peer_attributes: [p]}
            """
        ).generator
        let metrics = try #require(generator.spanMetrics)
        #expect(metrics.metrics == .all)
        #expect(metrics.dimensions == ["c"])
        #expect(metrics.buckets == [1, 2])
        #expect(metrics.hasTargetInfo)
        #expect(!metrics.intrinsics.spanKind && metrics.intrinsics.statusMessage && metrics.intrinsics.service)
        let graphs = try #require(generator.serviceGraphs)
        #expect(graphs.metrics == .latency)
        #expect(graphs.waitMs == 5000)
        #expect(graphs.maxItems == 7)
        #expect(graphs.peerAttributes == ["p"])
        #expect(graphs.hasVirtualNodeLabel)
        #expect(generator.instance == "one")
        #expect(generator.slackMs == 60_000)
        #expect(generator.registry.collectionIntervalMs == 5000)
        #expect(generator.registry.staleMs == 3_600_000)
        #expect(generator.registry.maxActiveSeries == 9)
        #expect(generator.registry.histograms == .both)
        #expect(generator.path == "/wal")
        #expect(!generator.namesTenants)
        #expect(generator.receivers.map(\.url) == ["http://metrics/api/v1/write"])
        #expect(generator.receivers.first?.headers.map(\.value) == ["t"])
    }

    @Test("mappings of the overrides take the place of those of the section, also of the same names")
    func mappings() throws {
        let generator = try config(
            """
            metrics_generator: {processor: {span_metrics: {dimension_mappings: [{name: a, source_labels: [b]}]}}}
            overrides: {defaults: {metrics_generator: {processors: [span-metrics], processor: {span_metrics: {dimension_mappings: [{name: a, source_labels: [c]}]}}}}}
            """
        ).generator
        #expect(generator.spanMetrics?.mappings.map(\.sources) == [["c"]])
    }

    @Test("reads the old spelling of overrides")
    func flat() throws {
        let generator = try config(
            """
            overrides:
              metrics_generator_processors: [span-metrics-count]
              metrics_generator_max_active_series: 5
              metrics_generator_processor_span_metrics_dimensions: [zone]
              metrics_generator_processor_service_graphs_dimensions: [unused]
            """
        ).generator
        #expect(generator.spanMetrics?.metrics == .calls)
        #expect(generator.spanMetrics?.dimensions == ["zone"])
        #expect(generator.serviceGraphs == nil)
        #expect(generator.registry.maxActiveSeriesKey == "overrides.metrics_generator_max_active_series")
    }

    @Test("takes policies of filters apart")
    func filters() throws {
        let filter = try #require(
            try config(
                """
                metrics_generator:
                  processor:
                    span_metrics:
                      filter_policies:
                        - include: {match_type: strict, attributes: [{key: kind, value: SPAN_KIND_SERVER}]}
                          exclude: {match_type: regex, attributes: [{key: resource.location, value: "eu-.*"}]}
                        - include_any: {match_type: strict, attributes: [{key: span.code, value: 200}, {key: span.x, value: "200"}]}
                overrides: {defaults: {metrics_generator: {processors: [span-metrics]}}}
                """
            ).generator.spanMetrics?.filter)
        #expect(filter.include.count == 1 && filter.exclude.count == 1)
        let any = try #require(filter.includeAny.first)
        #expect(any.conditions.map(\.subject) == [.span("code"), .span("x")])
        guard case .int(200) = any.conditions[0].expected, case .text("200") = any.conditions[1].expected else {
            Issue.record("a number is a number, and text in quotes is text")
            return
        }
    }

    @Test("what has no meaning here is said once")
    func warnings() throws {
        let config = try config(
            """
            metrics_generator: {ring: {}, storage: {wal: {}}, processor: {local_blocks: {}}}
            overrides: {defaults: {metrics_generator: {processors: [local-blocks], ring_size: 3}}}
            """)
        #expect(config.warnings.count == 5)
        #expect(!config.generator.isEnabled)
    }

    @Test(
        "refuses what is unknown, wrong, or would change results",
        arguments: [
            ("metrics_generator: {procesor: {}}", "did you mean \"processor\""),
            ("metrics_generator: {registry: {collection_interval: 0s}}", "must be greater than 0"),
            ("metrics_generator: {limiter_type: entity}", "must be \"series\""),
            ("metrics_generator: {storage: {remote_write: [{url: nowhere}]}}", "must be a URL"),
            ("metrics_generator: {processor: {span_metrics: {histogram_buckets: [2, 1]}}}", "ascending"),
            (
                "metrics_generator: {processor: {span_metrics: {dimensions: [a.b], dimension_mappings: [{name: a_b, source_labels: [c]}]}}}",
                "the label \"a_b\""
            ),
            (
                "metrics_generator: {processor: {span_metrics: {dimension_mappings: [{name: a, source_labels: [b]}, {name: a, source_labels: [c]}]}}}",
                "the label \"a\" of \"a\" is that of a dimension as well"
            ),
            (
                "metrics_generator: {processor: {span_metrics: {dimensions: [a.b, a_b]}}}",
                "the label \"a_b\" of \"a_b\" is there already"
            ),
            ("metrics_generator: {processor: {span_metrics: {dimensions: [le]}}}", "the label \"le\""),
            (
                "metrics_generator: {processor: {span_metrics: {enable_target_info: true, dimensions: [job]}}}",
                "the label \"job\""
            ),
            ("metrics_generator: {processor: {service_graphs: {dimensions: [client]}}}", "the label \"client\""),
            (
                "metrics_generator: {processor: {service_graphs: {filter_policies: [{}]}}}",
                "needs one of include, include_any and exclude"
            ),
            (
                "metrics_generator: {processor: {span_metrics: {filter_policies: [{include: {match_type: strict, attributes: [{key: .a, value: 1}]}}]}}}",
                "must be kind, name, status, or an attribute"
            ),
            (
                "metrics_generator: {processor: {span_metrics: {filter_policies: [{include: {match_type: strict, attributes: [{key: kind, value: server}]}}]}}}",
                "SPAN_KIND_SERVER"
            ),
            ("overrides: {defaults: {metrics_generator: {processors: [span-metric]}}}", "is no processor"),
            ("overrides: {defaults: {metrics_generator: {processors: [host-info]}}}", "host-info is not supported"),
            ("overrides: {defaults: {metrics_generator: {span_name_sanitization: enabled}}}", "is not supported"),
            ("overrides: {defaults: {metrics_generator: {trace_id_label_name: a-b}}}", "no name of a label"),
            ("overrides: {metrics_generator_disable_collection: true}", "is not supported"),
        ])
    func refuses(text: String, message: String) {
        let error = #expect(throws: ConfigError.self) { try config(text) }
        let description = error.map { "\($0)" } ?? ""
        #expect(description.hasPrefix("tempo.yaml:1:"))
        #expect(description.contains(message), "\(description)")
    }
}
