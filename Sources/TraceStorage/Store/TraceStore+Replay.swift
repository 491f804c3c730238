import Durable
import Logging
import MartletCore

/// The record log at a start.
extension TraceStore {
    /// Reads what no part holds yet into memory; what does not fit there goes on into parts.
    func replay(now: UInt64) throws(TraceStoreError) {
        let oldest = options.oldestArrival(now: now)
        var skipped = 0
        var segment = -1
        let report: ReplayReport
        do {
            let total = try log.segments().count
            if total > 0 {
                logger.info("reading the trace log", metadata: ["segments": "\(total)", "directory": "\(directory)"])
            }
            report = try log.replay { bytes, position in
                if position.segment != segment {
                    segment = position.segment
                    state.withLock { $0.newestSegment = max($0.newestSegment, segment) }
                    // Nothing has had its time before all is read.
                    if state.withLock({ $0.charged }) > replayBytes { flush(now: 0) }
                }
                do {
                    let record = try TraceRecord(decoding: bytes)
                    guard record.arrival >= oldest else { return }
                    let request = try DecodedRequest(record.request)
                    _ = apply(
                        request, rejected: record.rejected, arrival: record.arrival, segment: position.segment)
                } catch {
                    skipped += 1
                    logger.warning(
                        "record of the trace log is skipped", metadata: ["at": "\(position)", "error": "\(error)"])
                }
            }
            let next = try log.cut()
            state.withLock { $0.newestSegment = max($0.newestSegment, next) }
        } catch let error as DurableError {
            throw .log(error)
        } catch {
            throw .corruptRecord("\(error)")
        }
        for damage in report.damage { logger.warning("trace log is damaged", metadata: ["damage": "\(damage)"]) }
        if report.records > 0 {
            let held = statistics()
            logger.info(
                "trace log is read",
                metadata: [
                    "records": "\(report.records)", "skipped": "\(skipped)", "spans": "\(held.spans)",
                    "traces": "\(held.traces)",
                ])
        }
    }
}
