import MartletCore
import Wire

/// Requests, durations and sizes by service and operation.
extension SpanCounter {
    mutating func count(
        _ span: SpanView, _ plan: SpanMetricsPlan, _ body: UnsafeRawBufferPointer
    ) throws(WireError) {
        guard isWanted(span, plan.filter, body) else {
            counts.spanMetricsFiltered += 1
            return
        }
        let limit = self.plan.registry.valueBytes
        let intrinsics = plan.config.intrinsics
        key.begin(with: prefix)
        if intrinsics.spanName { key.append(UnsafeRawBufferPointer(rebasing: body[span.name]), limit: limit) }
        if intrinsics.spanKind { key.append(SpanView.kindText(span.kind)) }
        if intrinsics.statusCode { key.append(SpanView.statusText(span.status)) }
        if intrinsics.statusMessage {
            key.append(UnsafeRawBufferPointer(rebasing: body[span.statusMessage]), limit: limit)
        }
        for number in plan.dimensions {
            text.removeAll(keepingCapacity: true)
            _ = try appendValue(number, body)
            key.append(text, limit: limit)
        }
        for mapping in plan.mappings {
            text.removeAll(keepingCapacity: true)
            for number in mapping.sources {
                let before = text.count
                if before > 0 { text.append(contentsOf: mapping.join) }
                let joined = text.count
                _ = try appendValue(number, body)
                // An empty value is not joined.
                if text.count == joined { text.removeLast(text.count - before) }
            }
            key.append(text, limit: limit)
        }
        let entity = spanMetricsEntity()
        let times = try multiplier(plan.multiplier, body)
        var counter = 0
        if plan.config.metrics.contains(.calls) {
            spanMetrics.add(times, counter: counter, of: entity)
            counter += 1
        }
        if plan.config.metrics.contains(.size) { spanMetrics.add(Double(span.size), counter: counter, of: entity) }
        if plan.config.metrics.contains(.latency) {
            spanMetrics.observe(
                span.seconds, times: times, histogram: 0, of: entity, traceHigh: span.traceHigh,
                traceLow: span.traceLow)
        }
        if hasTarget { touchTarget() }
    }

    @inline(__always)
    private mutating func spanMetricsEntity() -> Int {
        let hash = Hash64.hash(key.bytes)
        var entity = spanMetrics.find(key.bytes, hash) ?? -1
        if entity < 0 {
            let spare = spareSeries
            entity = Self.add(&spanMetrics, key.bytes, hash, spare: spare, &counts)
        }
        spanMetrics.touch(entity, nowMs)
        return entity
    }

    /// Once for a resource of a request is enough.
    private mutating func touchTarget() {
        hasTarget = false
        let hash = Hash64.hash(targetKey.bytes)
        var entity = targetInfo.find(targetKey.bytes, hash) ?? -1
        if entity < 0 {
            let spare = spareSeries
            entity = Self.add(&targetInfo, targetKey.bytes, hash, spare: spare, &counts)
        }
        targetInfo.touch(entity, nowMs)
    }
}
