import RemoteStorage
package import Service

/// The generator's own metrics, under Tempo's names, and those of remote write.
package enum GeneratorMetrics {
    private typealias Sample = MetricCollection.Sample
    private typealias Tenant = (name: String, counts: GeneratorCounts, series: Int)

    /// Adds what the generators of all tenants count.
    package static func register(_ generator: MetricsGenerator, in registry: MetricRegistry) {
        RemoteWriteMetrics.register(generator.forwarding, in: registry)
        registry.collect { collection in
            let tenants = generator.all.map { tenant, generator -> Tenant in
                let (counts, series) = generator.statistics
                return (tenant, counts, series)
            }
            guard !tenants.isEmpty else { return }
            func each(_ value: (Tenant) -> Int) -> [Sample] {
                tenants.map { ([(name: "tenant", value: $0.name)], Double(value($0))) }
            }
            let prefix = "tempo_metrics_generator_"
            collection.counters(
                prefix + "spans_received_total", "Spans that were looked at.", each { $0.counts.spans })
            collection.counters(
                prefix + "bytes_received_total", "Bytes of requests that were looked at.", each { $0.counts.bytes })
            collection.counters(
                prefix + "spans_discarded_total", "Spans that were not counted, by reason.", discarded(tenants))
            for (name, help, value) in registryCounters {
                collection.counters(prefix + "registry_" + name, help, each { $0.counts[keyPath: value] })
            }
            collection.gauges(
                prefix + "registry_active_series", "Series that there are.", each { $0.series })
            collection.gauges(
                prefix + "registry_max_active_series", "Series that there may be; 0 for no limit.",
                each { _ in generator.maxActiveSeries })
            for (name, help, value) in edgeCounters {
                collection.counters(
                    prefix + "processor_service_graphs_" + name, help, each { $0.counts[keyPath: value] })
            }
            collection.counters(
                prefix + "processor_service_graphs_expired_edges",
                "Edges whose other side did not come, by the kind of the span that did.", expired(tenants))
        }
    }

    private static var registryCounters: [(String, String, KeyPath<GeneratorCounts, Int>)] {
        [
            ("series_added_total", "Series that were made.", \.seriesAdded),
            ("series_removed_total", "Series that have ended.", \.seriesRemoved),
            ("series_limited_total", "Series that were not made because of the limit or of memory.", \.seriesLimited),
            ("collections_total", "Collections.", \.collections),
            ("collections_failed_total", "Collections that could not be written.", \.failedCollections),
        ]
    }

    private static var edgeCounters: [(String, String, KeyPath<GeneratorCounts, Int>)] {
        [
            ("edges", "Edges.", \.edges),
            ("dropped_spans", "Spans that found no room to wait for their other side.", \.droppedSpans),
            ("dropped_edges_total", "Edges whose other side a filter leaves out.", \.droppedEdges),
        ]
    }

    private static func discarded(_ tenants: [Tenant]) -> [Sample] {
        let reasons: [(reason: String, processor: String, KeyPath<GeneratorCounts, Int>)] = [
            ("outside_metrics_ingestion_slack", "all", \.outsideSlack), ("repeated_request", "all", \.repeated),
            ("span_metrics_filtered", "span-metrics", \.spanMetricsFiltered),
            ("service_graphs_filtered", "service-graphs", \.serviceGraphsFiltered),
        ]
        return tenants.flatMap { tenant in
            reasons.map { reason, processor, value -> Sample in
                (
                    [
                        (name: "tenant", value: tenant.name), (name: "reason", value: reason),
                        (name: "processor", value: processor),
                    ], Double(tenant.counts[keyPath: value])
                )
            }
        }
    }

    private static func expired(_ tenants: [Tenant]) -> [Sample] {
        tenants.flatMap { tenant in
            tenant.counts.expiredEdges.sorted { $0.key < $1.key }.map { kind, count -> Sample in
                (
                    [
                        (name: "tenant", value: tenant.name),
                        (name: "unmatched_span_kind", value: "\(SpanView.kindText(kind))"),
                    ], Double(count)
                )
            }
        }
    }
}
