/// `node_entropy_available_bits` and `node_entropy_pool_size_bits`.
package struct EntropyCollector: HostCollector {
    package let name = "entropy"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        for (file, metric, help) in [
            ("entropy_avail", "available_bits", "Bits of available entropy."),
            ("poolsize", "pool_size_bits", "Bits of entropy pool."),
        ] {
            let text = try host.proc("sys/kernel/random/\(file)")
            guard let line = text.lines.first else {
                throw .malformed(path: text.path, line: 1, what: "the file is empty")
            }
            metrics.add("node_entropy_\(metric)", .gauge, help, try line.count(line.fields, 0))
        }
    }
}
