import MartletCore
import Wire

/// Requests between services.
extension SpanCounter {
    mutating func connect(
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
            edge.peer = kept
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
        if edge.isComplete { return complete(edge) }
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

    private mutating func complete(_ edge: Edge) {
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
        let hash = Hash64.hash(key.bytes)
        var entity = serviceGraphs.find(key.bytes, hash) ?? -1
        if entity < 0 {
            let spare = spareSeries
            entity = Self.add(&serviceGraphs, key.bytes, hash, spare: spare, &counts)
        }
        serviceGraphs.touch(entity, nowMs)
        if plan.config.metrics.contains(.requests) {
            serviceGraphs.add(edge.multiplier, counter: 0, of: entity)
            if edge.hasFailed { serviceGraphs.add(edge.multiplier, counter: 1, of: entity) }
        }
        guard plan.config.metrics.contains(.latency) else { return }
        observe(edge.serverSeconds, histogram: 0, of: entity, edge)
        observe(edge.clientSeconds, histogram: 1, of: entity, edge)
        if plan.config.hasMessagingLatency, edge.connection == .messaging, edge.serverStart > edge.clientEnd {
            observe(Double(edge.serverStart - edge.clientEnd) / 1e9, histogram: 2, of: entity, edge)
        }
    }

    private mutating func observe(_ seconds: Double, histogram: Int, of entity: Int, _ edge: Edge) {
        serviceGraphs.observe(
            seconds, times: edge.multiplier, histogram: histogram, of: entity, traceHigh: edge.key.traceHigh,
            traceLow: edge.key.traceLow)
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
            complete(edge)
        }
    }
}
