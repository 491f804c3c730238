/// Edges that wait for their other side, at most so many, in the order in which they are given up.
struct EdgeStore: Sendable {
    private struct Slot: Sendable {
        var edge: Edge
        var previous: Int32
        var next: Int32
    }

    private let limit: Int
    private let waitMs: Int64
    /// Bytes that are held.
    private(set) var memory = 0
    private var places: [Edge.Key: Int32] = [:]
    private var slots: [Slot] = []
    private var free: [Int32] = []
    private var oldest: Int32 = -1
    private var newest: Int32 = -1

    init(limit: Int, waitMs: Int64) {
        self.limit = limit
        self.waitMs = waitMs
    }

    var count: Int { places.count }
    var isFull: Bool { places.count >= limit }

    /// Takes the edge with a key out, when it is there.
    mutating func remove(_ key: Edge.Key) -> Edge? {
        guard let place = places.removeValue(forKey: key) else { return nil }
        return unlink(place)
    }

    /// Puts an edge in that is not there: a new one begins to wait, one that was taken out goes on.
    mutating func insert(_ edge: Edge, nowMs: Int64) {
        var edge = edge
        if edge.deadlineMs == 0 { edge.deadlineMs = nowMs + waitMs }
        let place: Int32
        let slot = Slot(edge: edge, previous: newest, next: -1)
        if let reused = free.popLast() {
            place = reused
            slots[Int(place)] = slot
        } else {
            place = Int32(slots.count)
            slots.append(slot)
        }
        if newest >= 0 { slots[Int(newest)].next = place } else { oldest = place }
        newest = place
        places[edge.key] = place
        memory += edge.memory
    }

    /// Takes out the oldest edge when its time is over.
    mutating func removeExpired(nowMs: Int64) -> Edge? {
        guard oldest >= 0, slots[Int(oldest)].edge.deadlineMs <= nowMs else { return nil }
        let place = oldest
        places[slots[Int(place)].edge.key] = nil
        return unlink(place)
    }

    private mutating func unlink(_ place: Int32) -> Edge {
        let slot = slots[Int(place)]
        if slot.previous >= 0 { slots[Int(slot.previous)].next = slot.next } else { oldest = slot.next }
        if slot.next >= 0 { slots[Int(slot.next)].previous = slot.previous } else { newest = slot.previous }
        // Its texts must not live on in a slot that nobody uses.
        slots[Int(place)].edge = Edge(slot.edge.key)
        free.append(place)
        memory -= slot.edge.memory
        return slot.edge
    }
}
