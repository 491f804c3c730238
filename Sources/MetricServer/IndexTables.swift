import MartletCore
import MetricStorage
import Scraping
package import Service

extension MetricServer {
    /// What `/` shows: the targets' health, and how much there is.
    package func addTables(to daemon: Daemon) {
        daemon.showAtIndex { targetTable }
        daemon.showAtIndex { storeTable }
    }

    private var targetTable: IndexTable {
        let now = WallClock.milliseconds
        let rows = scrapes.targets.active.map { target -> [String] in
            let status = target.status
            let age = status.lastScrapeMs.map { "\(max(0, now - $0) / 1000) s ago" } ?? "never"
            return [
                target.scrapePool, target.target.url, status.health.rawValue, age,
                PrometheusDuration.format(Int64(status.lastDurationSeconds * 1000)), status.lastError,
            ]
        }
        return IndexTable(
            "Targets", columns: ["job", "target", "health", "scraped", "took", "error"], rows: rows,
            empty: "No targets are configured.")
    }

    private var storeTable: IndexTable {
        let statistics = store.statistics
        var rows = [
            ["series in the head", "\(statistics.series)"], ["blocks", "\(statistics.blocks)"],
            ["bytes of blocks", ByteSize.format(statistics.blockBytes)],
            ["configuration loaded", Self.moment(configLoadedMs.withLock { $0 })],
            ["started", Self.moment(startedMs)],
        ]
        if statistics.maxTimeMs != .min { rows.append(["newest sample", Self.moment(statistics.maxTimeMs)]) }
        return IndexTable("Store", columns: ["what", "how much"], rows: rows, empty: "")
    }
}
