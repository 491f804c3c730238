package import Service

/// The metrics of remote write, under Prometheus' names.
package enum RemoteWriteMetrics {
    private typealias Values = QueueCounters.Values

    /// Adds what the queues count.
    package static func register(_ writer: RemoteWriter, in registry: MetricRegistry) {
        register(in: registry) { [(tenant: nil, writer)] }
    }

    /// Adds what the queues of all tenants count, with a label for the tenant.
    package static func register(_ forwarding: TenantForwarding, in registry: MetricRegistry) {
        register(in: registry) { forwarding.all.map { (tenant: $0.tenant, $0.log.writer) } }
    }

    private static func register(
        in registry: MetricRegistry, _ writers: @escaping @Sendable () -> [(tenant: String?, writer: RemoteWriter)]
    ) {
        registry.collect { collection in
            let writers = writers()
            let queues = writers.flatMap { tenant, writer in
                writer.counters.map { (tenant: tenant, config: $0.config, name: $0.name, values: $0.values) }
            }
            guard !queues.isEmpty else { return }
            let prefix = "prometheus_remote_storage_"
            func own(_ tenant: String?) -> [(name: String, value: String)] {
                tenant.map { [(name: "tenant", value: $0)] } ?? []
            }
            func labels(_ index: Int) -> [(name: String, value: String)] {
                own(queues[index].tenant) + [
                    (name: "remote_name", value: queues[index].name),
                    (name: "url", value: URLText.withoutCredentials(queues[index].config.url)),
                ]
            }
            func samples(_ value: (Values) -> Double) -> [MetricCollection.Sample] {
                queues.indices.map { (labels($0), value(queues[$0].values)) }
            }
            for (kind, path) in kinds {
                let what = kind == "metadata" ? "metadata entries" : kind
                collection.counters(
                    "\(prefix)\(kind)_total", "Total number of \(what) sent to remote storage.",
                    samples { Double($0[keyPath: path].sent) })
                collection.counters(
                    "\(prefix)\(kind)_failed_total",
                    "Total number of \(what) which failed on send to remote storage, non-recoverable errors.",
                    samples { Double($0[keyPath: path].failed) })
                collection.counters(
                    "\(prefix)\(kind)_retried_total",
                    "Total number of \(what) which failed on send to remote storage but were retried.",
                    samples { Double($0[keyPath: path].retried) })
                guard kind != "metadata" else { continue }
                collection.counters(
                    "\(prefix)\(kind)_dropped_total",
                    "Total number of \(what) which were dropped after being read from the WAL before being sent.",
                    queues.indices.flatMap { index in
                        queues[index].values[keyPath: path].dropped.sorted { $0.key < $1.key }.map {
                            (labels(index) + [(name: "reason", value: $0.key)], Double($0.value))
                        }
                    })
                collection.gauges(
                    "\(prefix)\(kind)_pending", "The number of \(what) pending in the queues shards.",
                    samples { Double($0[keyPath: path].pending) })
            }
            collection.counters(
                "\(prefix)bytes_total", "The total number of bytes of data sent by the queue after compression.",
                samples { Double($0.bytes) })
            collection.counters(
                "\(prefix)metadata_bytes_total", "The total number of bytes of metadata sent after compression.",
                samples { Double($0.metadataBytes) })
            collection.gauges(
                "\(prefix)shards", "The number of shards used for parallel sending.", samples { Double($0.shards) })
            collection.gauges(
                "\(prefix)shards_desired", "The number of shards that the calculation wants.",
                samples { $0.shardsWanted })
            for (name, help, value) in [
                ("shards_max", "The maximum number of shards.", \RemoteWriteConfig.queue.maxShards),
                ("shards_min", "The minimum number of shards.", \.queue.minShards),
                ("shard_capacity", "The capacity of each shard.", \.queue.capacity),
                ("max_samples_per_send", "The maximum number of samples in one request.", \.queue.batchSize),
            ] {
                collection.gauges(
                    prefix + name, help,
                    queues.indices.map { (labels($0), Double(queues[$0].config[keyPath: value])) })
            }
            collection.gauges(
                "\(prefix)queue_highest_timestamp_seconds", "Timestamp of the newest sample read from the WAL.",
                samples { seconds($0.highestRead) })
            collection.gauges(
                "\(prefix)queue_highest_sent_timestamp_seconds", "Timestamp of the newest sample sent.",
                samples { seconds($0.highestSent) })
            collection.gauges(
                "\(prefix)highest_timestamp_in_seconds", "Timestamp of the newest sample stored.",
                writers.map { (own($0.tenant), seconds($0.writer.highestTimestampMs)) })
        }
    }

    private static var kinds: [(String, KeyPath<Values, Values.Kind>)] {
        [
            ("samples", \.samples), ("histograms", \.histograms), ("exemplars", \.exemplars), ("metadata", \.metadata),
        ]
    }

    private static func seconds(_ milliseconds: Int64) -> Double {
        milliseconds == .min ? 0 : Double(milliseconds) / 1000
    }
}
