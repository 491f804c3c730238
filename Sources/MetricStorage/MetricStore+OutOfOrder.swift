import Durable
import Logging
import MartletCore

extension MetricStore {
    /// Changes how much older than the newest sample of all series a sample may be and still come in any order, in
    /// milliseconds; 0 takes samples in order only. Those that are here stay.
    package func setOutOfOrderWindow(_ ms: Int64) {
        head.withLock { $0.head.outOfOrderWindow = max(0, ms) }
    }

    /// Writes the out-of-order samples of times that blocks have as further blocks, which the next compaction merges with
    /// those, and takes them out of their log; all of them when they take much memory. Under the maintenance lock.
    ///
    /// A late sample has the whole block of its time written anew. So they gather until the head is cut, as with Prometheus:
    /// a stream of them would have the same blocks written every minute.
    func cutOutOfOrder(_ state: inout Maintenance, _ nowMs: Int64) throws(DurableError) {
        let (hasMuch, begin) = head.withLock { ($0.head.hasMuchOutOfOrder, $0.head.minTime) }
        guard hasMuch || begin > state.outOfOrderCutBefore else { return }
        let floor = hasMuch ? .max : begin
        guard head.withLock({ min($0.head.outOfOrder.first, $0.head.outOfOrder.firstSettling) }) < floor else {
            state.outOfOrderCutBefore = begin
            return
        }
        // What is appended from here on goes into a new segment. What stays in memory is written there once more, so that
        // the segments before it can go.
        let segment = try withAppender { (_) throws(DurableError) in
            let log = try outOfOrderLog.log()
            let segment = try log.cut()
            let rest = head.withLock { box in
                box.head.outOfOrder.settle(before: floor)
                return OutOfOrderRecords.records(of: box.head.outOfOrder.open)
            }
            if !rest.isEmpty { try log.append(rest) }
            return segment
        }
        do throws(DurableError) {
            try writeOutOfOrderBlocks(nowMs)
        } catch {
            head.withLock { $0.head.outOfOrder.restore() }
            throw error
        }
        head.withLock { box in
            box.head.outOfOrder.finish()
            box.account(budget)
        }
        let log = try outOfOrderLog.log()
        try log.sync()
        try log.truncate(before: segment)
        state.outOfOrderCutBefore = begin
    }

    /// Takes samples that came out of order out of memory and of their log, with `minTime <= t <= maxTime` and of the series
    /// that pass one of the matcher lists. Under the maintenance lock.
    ///
    /// Deletions in the write-ahead log are of no use for them: it says nothing of times that blocks have, and nothing of which
    /// came first, the deletion or samples that are to take the place of the deleted ones.
    func deleteOutOfOrder(_ lists: [[Matcher]], _ minTime: Int64, _ maxTime: Int64) throws(DurableError) {
        let segment: Int? = try withAppender { (_) throws(DurableError) in
            let rest = head.withLock { box -> OutOfOrderTable? in
                if box.head.outOfOrder.isEmpty { return nil }
                var table = box.head.outOfOrder
                let refs = box.head.select(anyOf: lists, from: minTime, to: maxTime)
                return table.remove(Array(refs), from: minTime, to: maxTime) ? table : nil
            }
            guard let rest else { return nil }
            let log = try outOfOrderLog.log()
            let segment = try log.cut()
            let records = OutOfOrderRecords.records(of: rest.open)
            if !records.isEmpty { try log.append(records) }
            head.withLock { box in
                box.head.outOfOrder = rest
                box.account(budget)
            }
            return segment
        }
        guard let segment else { return }
        let log = try outOfOrderLog.log()
        try log.sync()
        try log.truncate(before: segment)
    }

    private func writeOutOfOrderBlocks(_ nowMs: Int64) throws(DurableError) {
        var start = head.withLock { $0.head.outOfOrder.firstSettling }
        while start < .max {
            let end = Head.blockEnd(start)
            let (series, next) = head.withLock { box in box.head.settlingSeries(from: start, before: end) }
            var meta = BlockMeta(id: newBlockID(nowMs), times: max(.min + Head.blockMs, end) - Head.blockMs..<end)
            meta.hints = [OutOfOrderCut.hint]
            if try OutOfOrderCut.write(series, as: meta, in: path, on: fileSystem) {
                try directory.add(meta.id)
                logger.info(
                    "block of out-of-order samples written",
                    metadata: ["block": "\(meta.id)", "series": "\(series.count)"])
            }
            start = next
        }
    }
}

extension Head {
    /// The series with samples on their way into a block that are in the times, and the time of the first sample behind.
    fileprivate func settlingSeries(from start: Int64, before end: Int64) -> ([OutOfOrderCut.Series], next: Int64) {
        var series: [OutOfOrderCut.Series] = []
        var next = Int64.max
        for (ref, samples) in outOfOrder.settling {
            let wanted = samples.samples(from: start, before: end)
            let later = samples.samples(from: end, before: .max)
            if !later.isEmpty { next = min(next, later.first) }
            guard !wanted.isEmpty, table.contains(ref) else { continue }
            series.append(
                OutOfOrderCut.Series(
                    labels: Labels(canonicalBytes: Array(table.labels(ref))), samples: wanted, deleted: deleted[ref]))
        }
        return (series, next)
    }
}
