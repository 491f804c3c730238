import Durable
import Logging
package import MartletCore
import PromQL

extension MetricStore {
    /// Deletes the samples with `minTime <= t <= maxTime` of the series that pass one of the matcher lists: at once for
    /// queries, from the disk with the next compaction or `cleanTombstones`. Samples that arrive later are not touched.
    package func delete(matching lists: [[Matcher]], minTime: Int64, maxTime: Int64) throws {
        guard minTime <= maxTime else { return }
        try maintenance.withLock { _ in
            try lock.check("delete samples of")
            try deleteOutOfOrder(lists, minTime, maxTime)
            try deleteFromHead(lists, minTime, maxTime)
            for block in directory.blocks where block.overlaps(minTime, maxTime) {
                try delete(from: block, lists, minTime, maxTime)
            }
        }
    }

    /// Writes all blocks anew that have deleted samples. Labels that only those had go, too.
    package func cleanTombstones(nowMs: Int64) throws {
        try maintenance.withLock { _ in
            try lock.check("remove deleted samples of")
            for block in directory.blocks where !block.tombstones.isEmpty {
                var meta = block.meta
                meta.id = newBlockID(nowMs)
                meta.parents = [.init(id: block.meta.id, minTime: meta.minTime, maxTime: meta.maxTime)]
                try merge([block], into: meta)
            }
        }
    }

    private func deleteFromHead(_ lists: [[Matcher]], _ minTime: Int64, _ maxTime: Int64) throws(DurableError) {
        let record = head.withLock { box in
            var record = LogEncoder()
            for ref in box.head.select(anyOf: lists, from: minTime, to: maxTime) {
                guard let interval = box.head.delete(ref, from: minTime, to: maxTime) else { continue }
                record.tombstone(UInt64(ref.raw), interval.lowerBound, interval.upperBound)
            }
            for matchers in lists.isEmpty ? [[]] : lists {
                for number in box.head.index.select(matchers) {
                    box.head.exemplars.delete(SeriesRef(raw: number), from: minTime, to: maxTime)
                }
            }
            return record
        }
        if !record.isEmpty { try log.append(record.bytes) }
    }

    private func delete(
        from block: Block, _ lists: [[Matcher]], _ minTime: Int64, _ maxTime: Int64
    ) throws {
        var found: [(series: UInt64, interval: ClosedRange<Int64>)] = []
        // Exemplars may lie beside the samples.
        let reach = try? block.exemplars.get()?.times
        for matchers in lists.isEmpty ? [[]] : lists {
            try block.forEachSeries(matchers, from: minTime, to: maxTime, context: QueryContext(timeoutSeconds: 0)) {
                (series, _) throws(DurableError) in
                guard var first = series.chunks.first?.minTime, var last = series.chunks.map(\.maxTime).max() else {
                    return
                }
                if let reach { (first, last) = (min(first, reach.lowerBound), max(last, reach.upperBound)) }
                let start = max(first, minTime)
                found.append((UInt64(series.id), start...max(start, min(last, maxTime))))
            }
        }
        guard !found.isEmpty else { return }
        try block.update(on: fileSystem) { _, tombstones in
            for deletion in found { tombstones.add(deletion.series, deletion.interval) }
        }
    }
}
