/// One of node_exporter's collectors: reads a few files and adds its families.
///
/// A collector that fails half-way keeps what it added; the error makes its `node_scrape_collector_success` 0.
package protocol HostCollector: Sendable {
    /// The name in the `collector` label and in the configuration.
    var name: String { get }

    /// Reads the host's state once; may keep state between calls (the CPU's counters must not run backwards).
    mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError)
}
