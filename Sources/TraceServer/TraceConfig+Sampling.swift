import Service
import TraceSampling
import TraceStorage

/// The section `sampling`, which Tempo's file does not have: the keys of the OpenTelemetry Collector's processors
/// `probabilistic_sampler` (`head`) and `tail_sampling` (`tail`).
extension TraceConfig {
    mutating func sampling(_ section: inout ConfigMapping) throws {
        headSampling = try section.mapping("head") { try Self.head(&$0) }
        store.tail = try section.mapping("tail") { try Self.tail(&$0) }
    }

    // MARK: Head

    private static func head(_ section: inout ConfigMapping) throws -> HeadSampling {
        let node = try section.required("sampling_percentage")
        var sampling = HeadSampling(percentage: Float(try percentage(node)))
        sampling.mode = try section.choice("mode") ?? sampling.mode
        if let seed = section.value("hash_seed") {
            guard let value = UInt32(exactly: try seed.int()) else {
                throw seed.error("\(seed.path) must be within 0 and \(UInt32.max)")
            }
            sampling.seed = value
        }
        if let precision = section.value("sampling_precision") {
            sampling.precision = try precision.int()
            guard (1...14).contains(sampling.precision) else {
                throw precision.error("\(precision.path) must be within 1 and 14")
            }
        }
        sampling.failsClosed = try section.bool("fail_closed") ?? sampling.failsClosed
        for key in ["attribute_source", "from_attribute", "sampling_priority"] {
            section.ignore(key, because: "it is for logs")
        }
        return sampling
    }

    static func percentage(_ node: ConfigNode) throws -> Double {
        let value = try node.double()
        guard value >= 0 else { throw node.error("\(node.path) must be 0 or more") }
        return value
    }

    // MARK: Tail

    private static func tail(_ section: inout ConfigMapping) throws -> TailSampling {
        let nodes = try section.required("policies")
        let policies = try SamplingPolicyDecoder.policies(nodes, named: true) { try SamplingPolicyDecoder.policy($0) }
        guard !policies.isEmpty else {
            throw nodes.error("\(nodes.path) must have a policy: without one nothing is kept")
        }
        var sampling = TailSampling(policies: policies)
        if let wait = section.value("decision_wait") {
            let nanoseconds = try wait.goDuration()
            guard nanoseconds >= 0 else { throw wait.error("\(wait.path) must not be negative") }
            sampling.wait = UInt64(nanoseconds)
        }
        sampling.maxTraces = try count("num_traces", &section) ?? sampling.maxTraces
        sampling.stopsAtFirstMatch = try section.bool("sample_on_first_match") ?? sampling.stopsAtFirstMatch
        try section.mapping("decision_cache") { cache in
            sampling.notSampledCacheSize = try count("non_sampled_cache_size", &cache) ?? sampling.notSampledCacheSize
            cache.ignore("sampled_cache_size", because: "the parts on disk know which traces were sampled")
        }
        if try section.bool("drop_pending_traces_on_shutdown") == true {
            section.ignore(
                "drop_pending_traces_on_shutdown",
                because: "undecided spans are in the log, and are decided upon after the next start")
        }
        section.ignore("expected_new_traces_per_sec", because: "memory is taken as traces come")
        section.ignore("decision_wait_after_root_received", because: "a trace has all of decision_wait")
        section.ignore("maximum_trace_size_bytes", because: "overrides.defaults.global.max_bytes_per_trace rules this")
        section.ignore("block_on_overflow", because: "what is too much is decided upon early")
        for key in ["num_shards", "num_workers", "tail_storage"] {
            section.ignore(key, because: "undecided spans are in the store's log and memory")
        }
        if let strategy = section.value("sampling_strategy"), try strategy.string() != "trace-complete" {
            throw strategy.error("\(strategy.path) must be \"trace-complete\": decisions are taken for whole traces")
        }
        return sampling
    }

    static func count(_ key: String, _ section: inout ConfigMapping) throws -> Int? {
        guard let node = section.value(key) else { return nil }
        let value = try node.int()
        guard value >= 0 else { throw node.error("\(node.path) must not be negative") }
        return value
    }
}
