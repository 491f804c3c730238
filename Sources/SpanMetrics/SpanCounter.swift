import MartletCore
import Wire

/// Counts the spans of one tenant: walks requests as the store has accepted them, byte by byte, and adds to tables in memory.
/// No span makes a string; a label set is put together when it is seen first.
struct SpanCounter: Sendable {
    let plan: SpanPlan
    let budget: MemoryBudget
    private(set) var spanMetrics: MetricTable
    private(set) var targetInfo: MetricTable
    private(set) var serviceGraphs: MetricTable
    var edges: EdgeStore
    var counts = GeneratorCounts()
    private var recent = RecentRequests()

    // What is at hand while a request is walked.
    private var resource: FoundAttributes
    private var attributes: FoundAttributes
    private var prefix = LabelKey()
    private var targetKey = LabelKey()
    private var hasTarget = false
    private var service: [UInt8] = []
    private var hasService = false
    private var key = LabelKey()
    private var text: [UInt8] = []
    private var nowMs: Int64 = 0

    init(_ plan: SpanPlan, budget: MemoryBudget) {
        self.plan = plan
        self.budget = budget
        let none = MetricShape.none(plan.registry)
        spanMetrics = MetricTable(plan.spanMetrics?.shape ?? none)
        targetInfo = MetricTable(plan.spanMetrics?.targetShape ?? none)
        serviceGraphs = MetricTable(plan.serviceGraphs?.shape ?? none)
        edges = EdgeStore(
            limit: plan.serviceGraphs?.config.maxItems ?? 0, waitMs: plan.serviceGraphs?.config.waitMs ?? 0)
        resource = FoundAttributes(count: plan.keys.count)
        attributes = FoundAttributes(count: plan.keys.count)
    }

    /// Bytes that are held.
    var memory: Int {
        spanMetrics.memory + targetInfo.memory + serviceGraphs.memory + edges.count * EdgeStore.bytesPerEdge
    }

    /// Series that count against the limit.
    var seriesCount: Int { spanMetrics.seriesCount + targetInfo.seriesCount + serviceGraphs.seriesCount }

    /// All tables, always in the same order.
    var tables: [MetricTable] { [spanMetrics, targetInfo, serviceGraphs] }

    mutating func forEachTable(_ body: (inout MetricTable) -> Void) {
        body(&spanMetrics)
        body(&targetInfo)
        body(&serviceGraphs)
    }

    // MARK: Requests

    /// Counts the spans of an ExportTraceServiceRequest in protobuf that the store has taken, but those whose ordinals are in
    /// `rejected`, ascending.
    ///
    /// - Parameter now: arrival, Unix nanoseconds.
    mutating func take(_ body: UnsafeRawBufferPointer, rejected: [Int], now: UInt64) {
        nowMs = Int64(now / 1_000_000)
        counts.bytes += body.count
        let isNew = recent.insert(body, nowMs: nowMs, windowMs: plan.slackMs)
        // The store has walked the same bytes before: what it takes has no mistakes.
        try? walk(body, rejected: rejected, now: now, isNew: isNew)
        expireEdges(nowMs: nowMs)
    }

    private mutating func walk(
        _ body: UnsafeRawBufferPointer, rejected: [Int], now: UInt64, isNew: Bool
    ) throws(WireError) {
        let slack = UInt64(max(0, plan.slackMs)) * 1_000_000
        let oldest = now > slack ? now - slack : 0
        let newest = now + slack
        var ordinal = -1
        var nextRejected = 0
        var cursor = ProtoCursor(body)
        while try cursor.next() {
            guard cursor.field == 1 else {
                try cursor.skip()
                continue
            }
            let message = try cursor.message()
            try readResource(message, body)
            var scopes = message
            while try scopes.next() {
                guard scopes.field == 2 else {
                    try scopes.skip()
                    continue
                }
                var spans = try scopes.message()
                while try spans.next() {
                    guard spans.field == 2 else {
                        try spans.skip()
                        continue
                    }
                    let span = try spans.message()
                    ordinal += 1
                    if nextRejected < rejected.count, rejected[nextRejected] == ordinal {
                        nextRejected += 1
                        continue
                    }
                    counts.spans += 1
                    guard isNew else {
                        counts.repeated += 1
                        continue
                    }
                    try take(span, body, oldest...newest)
                }
            }
        }
    }

    private mutating func take(
        _ message: ProtoCursor, _ body: UnsafeRawBufferPointer, _ times: ClosedRange<UInt64>
    ) throws(WireError) {
        var span = SpanView()
        var cursor = message
        let start = cursor.offset
        while try cursor.next() {
            switch cursor.field {
            case 1:
                let id = try cursor.delimited()
                guard id.count == 16 else { continue }
                span.traceHigh = Self.id(id.lowerBound, body)
                span.traceLow = Self.id(id.lowerBound + 8, body)
            case 2: span.id = Self.spanID(try cursor.delimited(), body)
            case 4: span.parent = Self.spanID(try cursor.delimited(), body)
            case 5: span.name = try cursor.delimited()
            case 6: span.kind = try cursor.int32()
            case 7: span.start = try cursor.fixed64()
            case 8: span.end = try cursor.fixed64()
            case 15:
                var status = try cursor.message()
                while try status.next() {
                    switch status.field {
                    case 2: span.statusMessage = try status.delimited()
                    case 3: span.status = try status.int32()
                    default: try status.skip()
                    }
                }
            default: try cursor.skip()
            }
        }
        span.size = cursor.offset - start
        guard times.contains(span.end) else {
            counts.outsideSlack += 1
            return
        }
        let isEdge = plan.serviceGraphs != nil && hasService && (span.isClient || span.isServer)
        if isEdge || plan.spanMetrics?.readsAttributes == true { try readAttributes(message, body) }
        if let plan = plan.spanMetrics { try count(span, plan, body) }
        if isEdge, let plan = plan.serviceGraphs { try connect(span, plan, body) }
    }

    @inline(__always)
    private static func id(_ offset: Int, _ body: UnsafeRawBufferPointer) -> UInt64 {
        UInt64(bigEndian: body.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private static func spanID(_ bounds: Range<Int>, _ body: UnsafeRawBufferPointer) -> UInt64 {
        bounds.count == 8 ? id(bounds.lowerBound, body) : 0
    }

    // MARK: Attributes

    private mutating func readAttributes(
        _ message: ProtoCursor, _ body: UnsafeRawBufferPointer
    ) throws(WireError) {
        attributes.removeAll()
        var cursor = message
        while try cursor.next() {
            if cursor.field == 9 {
                try attributes.take(try cursor.message(), body, plan.keys)
            } else {
                try cursor.skip()
            }
        }
    }

    /// What the spans of a ResourceSpans message have in common. The resource may come behind them.
    private mutating func readResource(_ message: ProtoCursor, _ body: UnsafeRawBufferPointer) throws(WireError) {
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
        targetKey.removeAll()
        var others = 0
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
            targetKey.append(Array(label.utf8))
            targetKey.append(text, limit: plan.registry.valueBytes)
            others += 1
        }
        for (label, value) in [("job", job), ("instance", instance)] where !value.isEmpty {
            targetKey.append(Array(label.utf8))
            targetKey.append(value, limit: plan.registry.valueBytes)
        }
        hasTarget = others > 0
    }

    /// The text of an attribute, of the resource before the span's own, to the end of `text`; false when neither has it.
    @inline(__always)
    private mutating func appendValue(
        _ number: Int, _ body: UnsafeRawBufferPointer
    ) throws(WireError) -> Bool {
        guard let bounds = resource[number] ?? attributes[number] else { return false }
        try AttributeText.append(bounds, of: body, to: &text)
        return true
    }

    private mutating func value(_ number: Int, _ body: UnsafeRawBufferPointer) throws(WireError) -> [UInt8]? {
        text.removeAll(keepingCapacity: true)
        return try appendValue(number, body) ? text : nil
    }

    /// How many spans one stands for: the inverse of the share that was kept.
    private func multiplier(_ number: Int?, _ body: UnsafeRawBufferPointer) throws(WireError) -> Double {
        guard let number else { return 1 }
        for bounds in [attributes[number], resource[number]] {
            guard let bounds else { continue }
            var cursor = ProtoCursor(body, bounds)
            while try cursor.next() {
                guard cursor.field == 4 else {
                    try cursor.skip()
                    continue
                }
                let share = try cursor.double()
                if share > 0 { return 1 / share }
            }
        }
        return 1
    }

    // MARK: Filters

    private func isWanted(_ span: SpanView, _ filter: FilterPlan, _ body: UnsafeRawBufferPointer) -> Bool {
        filter.isEmpty || filter.accepts { holds($0, span, body) }
    }

    private func holds(_ condition: FilterCondition, _ span: SpanView, _ body: UnsafeRawBufferPointer) -> Bool {
        switch condition.subject {
        case .name:
            let name = UnsafeRawBufferPointer(rebasing: body[span.name])
            return Self.holds(condition.expected, text: name)
        case .kind:
            return SpanView.kindText(span.kind).withUTF8Buffer {
                Self.holds(condition.expected, text: UnsafeRawBufferPointer($0))
            }
        case .status:
            return SpanView.statusText(span.status).withUTF8Buffer {
                Self.holds(condition.expected, text: UnsafeRawBufferPointer($0))
            }
        case .span: return holds(condition.expected, attributes[condition.attribute], body)
        case .resource: return holds(condition.expected, resource[condition.attribute], body)
        }
    }

    private static func holds(_ expected: SpanFilter.Expected, text: UnsafeRawBufferPointer) -> Bool {
        switch expected {
        case .text(let wanted): Bytes.of(wanted) { Bytes.equal($0, text) }
        case .regex(let regex): regex.matches(text)
        case .int, .double, .bool: false
        }
    }

    private func holds(
        _ expected: SpanFilter.Expected, _ bounds: Range<Int>?, _ body: UnsafeRawBufferPointer
    ) -> Bool {
        guard let bounds else { return false }
        var cursor = ProtoCursor(body, bounds)
        var holds = false
        // The store has walked the same bytes before.
        while (try? cursor.next()) == true {
            switch (cursor.field, expected) {
            case (1, .text), (1, .regex):
                guard let text = try? cursor.delimited() else { return false }
                holds = Self.holds(expected, text: UnsafeRawBufferPointer(rebasing: body[text]))
            case (2, .bool(let wanted)): holds = (try? cursor.bool()) == wanted
            case (3, .int(let wanted)): holds = (try? cursor.int64()) == wanted
            case (4, .double(let wanted)): holds = (try? cursor.double()) == wanted
            default:
                holds = false
                guard (try? cursor.skip()) != nil else { return false }
            }
        }
        return holds
    }

    // MARK: Span metrics

    private mutating func count(
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
        let spare = spareSeries
        let entity = Self.entity(&spanMetrics, key.bytes, nowMs, spare, &counts)
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
        guard hasTarget else { return }
        hasTarget = false
        let left = spareSeries
        _ = Self.entity(&targetInfo, targetKey.bytes, nowMs, left, &counts)
    }

    /// The entity of a table for a key, which is new unless there are too many: then the one that stands for those.
    @inline(__always)
    private static func entity(
        _ table: inout MetricTable, _ key: [UInt8], _ nowMs: Int64, _ spare: Int,
        _ counts: inout GeneratorCounts
    ) -> Int {
        let hash = Hash64.hash(key)
        let entity =
            table.find(key, hash) ?? add(&table, key, hash, isAllowed: table.shape.seriesPerEntity <= spare, &counts)
        table.touch(entity, nowMs)
        return entity
    }

    private static func add(
        _ table: inout MetricTable, _ key: [UInt8], _ hash: UInt64, isAllowed: Bool, _ counts: inout GeneratorCounts
    ) -> Int {
        guard isAllowed else {
            counts.seriesLimited += table.shape.seriesPerEntity
            return MetricTable.overflow
        }
        counts.seriesAdded += table.shape.seriesPerEntity
        return table.insert(key, hash)
    }

    /// Series that there may be beyond those that there are. What is new leaves a quarter of the memory to what is there.
    private var spareSeries: Int {
        guard budget.headroom > budget.limit / 4 else { return 0 }
        let limit = plan.registry.maxActiveSeries
        return limit == 0 ? .max : limit - seriesCount
    }

    // MARK: Service graphs

    private mutating func connect(
        _ span: SpanView, _ plan: ServiceGraphPlan, _ body: UnsafeRawBufferPointer
    ) throws(WireError) {
        let side: Edge.Side = span.isClient ? .client : .server
        let key = Edge.Key(
            traceHigh: span.traceHigh, traceLow: span.traceLow, span: side == .client ? span.id : span.parent)
        let waiting = edges.remove(key)
        guard isWanted(span, plan.filter, body) else {
            counts.serviceGraphsFiltered += 1
            return drop(key, side, waiting)
        }
        if let waiting, let dropped = waiting.dropped, dropped != side {
            counts.droppedEdges += 1
            return edges.insert(waiting, nowMs: nowMs)
        }
        var edge = waiting.flatMap { $0.dropped == nil ? $0 : nil } ?? Edge(key)
        edge.kind = span.kind
        edge.connection = span.isMessaging ? .messaging : .unknown
        edge.hasFailed = edge.hasFailed || span.hasFailed
        edge.multiplier = try multiplier(plan.multiplier, body)
        try readDimensions(&edge, side, plan, body)
        for number in plan.peers {
            // Of the span alone: a resource does not tell of others.
            guard let bounds = attributes[number] else { continue }
            text.removeAll(keepingCapacity: true)
            try AttributeText.append(bounds, of: body, to: &text)
            edge.peer = text
            break
        }
        switch side {
        case .client:
            edge.client = service
            edge.clientSeconds = span.seconds
            edge.clientEnd = span.end
            try readDatabase(&edge, span, plan, body)
        case .server:
            edge.server = service
            edge.serverSeconds = span.seconds
            edge.serverStart = span.start
        }
        if waiting == nil { counts.edges += 1 }
        if edge.isComplete { return complete(edge, traceHigh: span.traceHigh, traceLow: span.traceLow) }
        wait(edge, isNew: waiting == nil)
    }

    private mutating func wait(_ edge: Edge, isNew: Bool) {
        if edges.isFull { expireEdges(nowMs: nowMs) }
        let hasMemory = budget.headroom > budget.limit / 8
        guard !isNew || !edges.isFull && hasMemory else {
            counts.edges -= 1
            counts.droppedSpans += 1
            return
        }
        edges.insert(edge, nowMs: nowMs)
    }

    /// Notes that a span does not count, so that its other side does not wait for it.
    private mutating func drop(_ key: Edge.Key, _ side: Edge.Side, _ waiting: Edge?) {
        if let waiting, waiting.dropped == nil, (waiting.server.isEmpty ? .client : .server) != side {
            counts.droppedEdges += 1
        }
        guard side == .client || key.span != 0, !edges.isFull else { return }
        var edge = Edge(key)
        edge.dropped = side
        edges.insert(edge, nowMs: nowMs)
    }

    private mutating func readDimensions(
        _ edge: inout Edge, _ side: Edge.Side, _ plan: ServiceGraphPlan, _ body: UnsafeRawBufferPointer
    ) throws(WireError) {
        guard !plan.dimensions.isEmpty else { return }
        let width = plan.config.hasSidePrefix ? 2 : 1
        if edge.dimensions.isEmpty { edge.dimensions = Array(repeating: [], count: plan.dimensions.count * width) }
        for (place, number) in plan.dimensions.enumerated() {
            guard let found = try value(number, body) else { continue }
            edge.dimensions[place * width + (width == 2 && side == .server ? 1 : 0)] = found
        }
    }

    /// A client's span that tells of a database is an edge by itself: databases send no spans.
    private mutating func readDatabase(
        _ edge: inout Edge, _ span: SpanView, _ plan: ServiceGraphPlan, _ body: UnsafeRawBufferPointer
    ) throws(WireError) {
        var name: [UInt8]?
        for number in plan.databases where name == nil { name = try value(number, body) }
        guard let name else { return }
        edge.connection = .database
        edge.serverSeconds = span.seconds
        if let service = try value(plan.servers.service, body) {
            edge.server = service
        } else if let address = try value(plan.servers.address, body) {
            edge.server = address
        } else if var host = try value(plan.servers.host, body) {
            if let port = try value(plan.servers.port, body) { host += [UInt8(ascii: ":")] + port }
            edge.server = host
        } else {
            edge.server = name
        }
    }

    private mutating func complete(_ edge: Edge, traceHigh: UInt64, traceLow: UInt64) {
        guard let plan = plan.serviceGraphs else { return }
        let limit = self.plan.registry.valueBytes
        key.removeAll()
        key.append(edge.client, limit: limit)
        key.append(edge.server, limit: limit)
        key.append(edge.connection.text)
        if plan.config.hasVirtualNodeLabel { key.append(edge.virtualSide) }
        let dimensions = plan.shape.labelNames.map { $0.count - (plan.config.hasVirtualNodeLabel ? 4 : 3) } ?? 0
        for place in 0..<dimensions {
            key.append(place < edge.dimensions.count ? edge.dimensions[place] : [], limit: limit)
        }
        let spare = spareSeries
        let entity = Self.entity(&serviceGraphs, key.bytes, nowMs, spare, &counts)
        if plan.config.metrics.contains(.requests) {
            serviceGraphs.add(edge.multiplier, counter: 0, of: entity)
            if edge.hasFailed { serviceGraphs.add(edge.multiplier, counter: 1, of: entity) }
        }
        guard plan.config.metrics.contains(.latency) else { return }
        var seconds = [edge.serverSeconds, edge.clientSeconds]
        if plan.config.hasMessagingLatency, edge.connection == .messaging, edge.serverStart > edge.clientEnd {
            seconds.append(Double(edge.serverStart - edge.clientEnd) / 1e9)
        }
        for (histogram, value) in seconds.enumerated() {
            serviceGraphs.observe(
                value, times: edge.multiplier, histogram: histogram, of: entity, traceHigh: traceHigh,
                traceLow: traceLow)
        }
    }

    /// Ends the edges that have waited long enough. One whose other side can be told is counted as a virtual node.
    mutating func expireEdges(nowMs: Int64) {
        self.nowMs = max(self.nowMs, nowMs)
        while let edge = edges.removeExpired(nowMs: nowMs) {
            guard edge.dropped == nil else { continue }
            var edge = edge
            edge.connection = .virtualNode
            if edge.client.isEmpty, edge.isRoot {
                edge.client = edge.peer.isEmpty ? Array("user".utf8) : edge.peer
                edge.virtualSide = "client"
            } else if !edge.client.isEmpty, edge.server.isEmpty, !edge.peer.isEmpty {
                edge.server = edge.peer
                edge.virtualSide = "server"
            } else {
                counts.expiredEdges[edge.kind, default: 0] += 1
                continue
            }
            complete(edge, traceHigh: edge.key.traceHigh, traceLow: edge.key.traceLow)
        }
    }
}
