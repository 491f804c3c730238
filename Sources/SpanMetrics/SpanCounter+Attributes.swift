import MartletCore
import Wire

/// What resources and attributes tell.
extension SpanCounter {
    /// What the spans of a ResourceSpans message have in common. The resource may come behind them.
    mutating func readResource(_ message: ProtoCursor, _ body: UnsafeRawBufferPointer) throws(WireError) {
        resource.removeAll()
        attributes.removeAll()
        var bounds = 0..<0
        var cursor = message
        while try cursor.next() {
            if cursor.field == 1 { bounds = try cursor.delimited() } else { try cursor.skip() }
        }
        var fields = ProtoCursor(body, bounds)
        while try fields.next() {
            if fields.field == 1 {
                try resource.take(try fields.message(), body, plan.keys)
            } else {
                try fields.skip()
            }
        }
        service = try resourceText(plan.service.name, body)
        let end = LabelKey.end(service, limit: plan.registry.valueBytes)
        if end < service.count { service.removeLast(service.count - end) }
        hasService = resource[plan.service.name] != nil
        guard let metrics = plan.spanMetrics else { return }
        prefix.removeAll()
        let limit = plan.registry.valueBytes
        if metrics.config.intrinsics.service { prefix.append(service, limit: limit) }
        hasTarget = false
        guard metrics.config.hasTargetInfo else { return }
        var job = service
        let namespace = try resourceText(plan.service.namespace, body)
        if !service.isEmpty, !namespace.isEmpty { job = namespace + [UInt8(ascii: "/")] + service }
        let instance = metrics.config.hasInstanceLabel ? try resourceText(plan.service.instance, body) : []
        prefix.append(job, limit: limit)
        if metrics.config.hasInstanceLabel { prefix.append(instance, limit: limit) }
        try readTarget(bounds, metrics, job: job, instance: instance, body)
    }

    private func resourceText(_ number: Int, _ body: UnsafeRawBufferPointer) throws(WireError) -> [UInt8] {
        guard let bounds = resource[number] else { return [] }
        var text: [UInt8] = []
        try AttributeText.append(bounds, of: body, to: &text)
        return text
    }

    /// The labels of `traces_target_info`: all that the resource tells. There must be more than `job` and `instance`.
    private mutating func readTarget(
        _ bounds: Range<Int>, _ metrics: SpanMetricsPlan, job: [UInt8], instance: [UInt8],
        _ body: UnsafeRawBufferPointer
    ) throws(WireError) {
        guard !job.isEmpty || !instance.isEmpty else { return }
        var labels: [[UInt8]: [UInt8]] = [:]
        var fields = ProtoCursor(body, bounds)
        while try fields.next() {
            guard fields.field == 1 else {
                try fields.skip()
                continue
            }
            var pair = try fields.message()
            var name: [UInt8] = []
            text.removeAll(keepingCapacity: true)
            while try pair.next() {
                switch pair.field {
                case 1: name = Array(body[try pair.delimited()])
                case 2: try AttributeText.append(try pair.delimited(), of: body, to: &text)
                default: try pair.skip()
                }
            }
            guard let first = name.first, !(48...57).contains(first), !metrics.excluded.contains(name), !text.isEmpty,
                !["service.name", "service.namespace", "service.instance.id"].contains(where: {
                    $0.utf8.elementsEqual(name)
                })
            else { continue }
            let label = DimensionLabel.targetName(String(decoding: name, as: UTF8.self))
            labels[Array(label.utf8)] = kept
        }
        hasTarget = !labels.isEmpty
        for (label, value) in [("job", job), ("instance", instance)] where !value.isEmpty {
            labels[Array(label.utf8)] = value
        }
        // Resources that tell the same in another order are one series.
        targetKey.removeAll()
        for (label, value) in labels.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            targetKey.append(label)
            targetKey.append(value, limit: plan.registry.valueBytes)
        }
    }

    /// `text` as an edge keeps it while it waits: no more of it than a label can show.
    var kept: [UInt8] { Array(text[..<LabelKey.end(text, limit: plan.registry.valueBytes)]) }

    /// The text of an attribute, of the resource before the span's own, to the end of `text`; false when neither has it.
    @inline(__always)
    mutating func appendValue(
        _ number: Int, _ body: UnsafeRawBufferPointer
    ) throws(WireError) -> Bool {
        guard let bounds = resource[number] ?? attributes[number] else { return false }
        try AttributeText.append(bounds, of: body, to: &text)
        return true
    }

    mutating func value(_ number: Int, _ body: UnsafeRawBufferPointer) throws(WireError) -> [UInt8]? {
        text.removeAll(keepingCapacity: true)
        return try appendValue(number, body) ? kept : nil
    }

    /// How many spans one stands for: the inverse of the share that was kept.
    func multiplier(_ number: Int?, _ body: UnsafeRawBufferPointer) throws(WireError) -> Double {
        guard let number else { return 1 }
        if let bounds = attributes[number], let times = try Self.multiplier(bounds, body) { return times }
        if let bounds = resource[number], let times = try Self.multiplier(bounds, body) { return times }
        return 1
    }

    /// Nil for what is no share. One so small that counting with it would spoil all sums is none either.
    private static func multiplier(
        _ bounds: Range<Int>, _ body: UnsafeRawBufferPointer
    ) throws(WireError) -> Double? {
        var cursor = ProtoCursor(body, bounds)
        var times: Double?
        while try cursor.next() {
            guard cursor.field == 4 else {
                try cursor.skip()
                continue
            }
            let share = try cursor.double()
            times = share >= 1e-9 && share.isFinite ? 1 / share : nil
        }
        return times
    }
}
