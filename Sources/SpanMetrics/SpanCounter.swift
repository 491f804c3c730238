import MartletCore
import Wire

/// Counts the spans of one tenant: walks requests as the store has accepted them, byte by byte, and adds to tables in memory.
/// No span makes a string; a label set is put together when it is seen first.
struct SpanCounter: Sendable {
    let plan: SpanPlan
    let budget: MemoryBudget
    var spanMetrics: MetricTable
    var targetInfo: MetricTable
    var serviceGraphs: MetricTable
    var edges: EdgeStore
    var counts = GeneratorCounts()
    private var recent = RecentRequests()

    // What is at hand while a request is walked.
    var resource: FoundAttributes
    var attributes: FoundAttributes
    var prefix = LabelKey()
    var targetKey = LabelKey()
    var hasTarget = false
    var service: [UInt8] = []
    var hasService = false
    var key = LabelKey()
    var text: [UInt8] = []
    var nowMs: Int64 = 0

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
        spanMetrics.memory + targetInfo.memory + serviceGraphs.memory + edges.memory + recent.memory
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
        let mayBeEdge = plan.serviceGraphs != nil && hasService
        let areWanted = plan.spanMetrics?.readsAttributes == true
        if areWanted || mayBeEdge { attributes.removeAll() }
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
            case 9:
                // Senders write the kind first; a span inside a service is no edge.
                if areWanted || mayBeEdge && span.kind != 1 {
                    try attributes.take(try cursor.message(), body, plan.keys)
                } else {
                    try cursor.skip()
                }
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
        if let plan = plan.spanMetrics { try count(span, plan, body) }
        if mayBeEdge, span.isClient || span.isServer, let plan = plan.serviceGraphs { try connect(span, plan, body) }
    }

    @inline(__always)
    private static func id(_ offset: Int, _ body: UnsafeRawBufferPointer) -> UInt64 {
        UInt64(bigEndian: body.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private static func spanID(_ bounds: Range<Int>, _ body: UnsafeRawBufferPointer) -> UInt64 {
        bounds.count == 8 ? id(bounds.lowerBound, body) : 0
    }

    // MARK: Series

    /// Adds an entity to a table that has it not, unless it has more series than there may be: then the one that stands for
    /// those beyond the limit.
    static func add(
        _ table: inout MetricTable, _ key: [UInt8], _ hash: UInt64, spare: Int, _ counts: inout GeneratorCounts
    ) -> Int {
        guard table.shape.seriesPerEntity <= spare else {
            counts.seriesLimited += table.shape.seriesPerEntity
            return MetricTable.overflow
        }
        counts.seriesAdded += table.shape.seriesPerEntity
        return table.insert(key, hash)
    }

    /// Series that there may be beyond those that there are. What is new leaves a quarter of the memory to what is there.
    var spareSeries: Int {
        guard budget.headroom > budget.limit / 4 else { return 0 }
        let limit = plan.registry.maxActiveSeries
        return limit == 0 ? .max : limit - seriesCount
    }
}
