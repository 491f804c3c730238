import Glibc
import MartletCore

/// All collectors of the host, asked one after the other.
///
/// A scrape blocks (statvfs, sysfs): call it off the cooperative pool. Scrapes that overlap wait for each other.
package final class HostRegistry: Sendable {
    private let files: HostFiles
    private let collectors: Lock<[any HostCollector]>
    private let version: String

    /// `version` goes into `node_exporter_build_info`, which dashboards use to find hosts.
    package init(paths: HostPaths, collectors: [any HostCollector] = HostRegistry.standard(), version: String) {
        files = HostFiles(paths: paths)
        self.collectors = Lock(collectors)
        self.version = version
    }

    /// The collectors that are on by default.
    package static func standard() -> [any HostCollector] {
        [
            ARPCollector(), ConntrackCollector(), CPUCollector(), DiskstatsCollector(), EntropyCollector(),
            FilefdCollector(), FilesystemCollector(), LoadavgCollector(), MeminfoCollector(), NetclassCollector(),
            NetdevCollector(), NetstatCollector(), OSReleaseCollector(), PressureCollector(), SchedstatCollector(),
            SockstatCollector(), SoftnetCollector(), StatCollector(), TimeCollector(), TimexCollector(),
            UDPQueuesCollector(), UnameCollector(), VmstatCollector(),
        ]
    }

    /// The names of the collectors.
    package var names: [String] { collectors.withLock { $0.map(\.name) } }

    /// One scrape: families sorted by name, with each collector's success and duration; errors by collector for the log.
    package func scrape() -> (families: [HostFamily], failures: [(collector: String, error: HostError)]) {
        collectors.withLock { collectors in
            var metrics = HostMetrics()
            var failures: [(collector: String, error: HostError)] = []
            for index in collectors.indices {
                let name = collectors[index].name
                let start = HostRegistry.monotonicSeconds()
                var success = 1.0
                do throws(HostError) {
                    try collectors[index].collect(from: files, into: &metrics)
                } catch {
                    success = 0
                    failures.append((name, error))
                }
                metrics.add(
                    "node_scrape_collector_duration_seconds", .gauge, "Duration of a collector scrape.",
                    HostRegistry.monotonicSeconds() - start, ["collector": name])
                metrics.add(
                    "node_scrape_collector_success", .gauge, "Whether a collector succeeded.", success,
                    ["collector": name])
            }
            metrics.add(
                "node_exporter_build_info", .gauge,
                "A metric with a constant '1' value labeled by the version that speaks node_exporter's names.", 1,
                [
                    "branch": "martlet", "goarch": "", "goos": "linux", "goversion": "", "revision": "",
                    "version": version,
                ])
            return (metrics.families.sorted { $0.name < $1.name }, failures)
        }
    }

    private static func monotonicSeconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}
