import MartletCore
package import Wire

extension HeadSampler {
    /// An ExportTraceServiceRequest without the spans that are left out, and their places in the request, ascending. Spans
    /// with ids that are no ids stay, for whoever refuses them.
    ///
    /// - Throws: `WireError` at the first byte that is not OTLP, as far as one has to look.
    package func filter(_ request: [UInt8]) throws(WireError) -> (body: [UInt8], leftOut: [Int]) {
        try Bytes.of(request) { body throws(WireError) in
            var leftOut: [Int] = []
            var ordinal = 0
            var writer = ProtoWriter(capacity: body.count)
            try copy(ProtoCursor(body), body, children: 1, &writer) { resource, writer throws(WireError) in
                try filterParent(resource, body, field: 1, &writer) { scopes, writer throws(WireError) in
                    try copy(scopes, body, children: 2, &writer) { scope, writer throws(WireError) in
                        try filterParent(scope, body, field: 2, &writer) { spans, writer throws(WireError) in
                            try copy(spans, body, children: 2, &writer) { span, writer throws(WireError) in
                                let isKept = try filterSpan(span, body, &writer)
                                if !isKept { leftOut.append(ordinal) }
                                ordinal += 1
                                return isKept
                            }
                        }
                    }
                }
            }
            return (writer.bytes, leftOut)
        }
    }

    /// Places in a request of spans that are known by their places among those that `filter` kept; all ascending.
    package static func ordinals(_ kept: [Int], beside leftOut: [Int]) -> [Int] {
        var before = 0
        return kept.map { place in
            while before < leftOut.count, leftOut[before] <= place + before { before += 1 }
            return place + before
        }
    }

    private typealias Child = (Range<Int>, inout ProtoWriter) throws(WireError) -> Bool

    /// Copies the fields of a message, those numbered `children` through `child`, which says whether anything of it is left.
    /// False when there were such children and nothing of them is left.
    @discardableResult
    private func copy(
        _ message: ProtoCursor, _ body: UnsafeRawBufferPointer, children: UInt32, _ writer: inout ProtoWriter,
        _ child: Child
    ) throws(WireError) -> Bool {
        var cursor = message
        var start = cursor.offset
        var (found, kept) = (false, false)
        while try cursor.next() {
            if cursor.field == children {
                found = true
                if try child(try cursor.delimited(), &writer) { kept = true }
            } else {
                try cursor.skip()
                writer.encoded(UnsafeRawBufferPointer(rebasing: body[start..<cursor.offset]))
            }
            start = cursor.offset
        }
        return kept || !found
    }

    /// Writes a message of spans as field `field`, unless nothing is left of it.
    private func filterParent(
        _ bounds: Range<Int>, _ body: UnsafeRawBufferPointer, field: UInt32, _ writer: inout ProtoWriter,
        _ content: (ProtoCursor, inout ProtoWriter) throws(WireError) -> Bool
    ) throws(WireError) -> Bool {
        var inner = ProtoWriter(capacity: bounds.count)
        guard try content(ProtoCursor(body, bounds), &inner) else { return false }
        writer.bytes(field, inner.bytes)
        return true
    }

    private func filterSpan(
        _ bounds: Range<Int>, _ body: UnsafeRawBufferPointer, _ writer: inout ProtoWriter
    ) throws(WireError) -> Bool {
        var cursor = ProtoCursor(body, bounds)
        var id = 0..<0
        var state = 0..<0
        var priority: SamplingPriority?
        while try cursor.next() {
            switch cursor.field {
            case 1: id = try cursor.delimited()
            case 3: state = try cursor.string()
            case 9:
                let attribute = try cursor.message()
                if priority == nil { priority = try Self.priority(attribute, body) }
            default: try cursor.skip()
            }
        }
        let traceID = UnsafeRawBufferPointer(rebasing: body[id])
        var verdict = Verdict.kept(traceState: nil)
        if traceID.count == 16, traceID.contains(where: { $0 != 0 }) {
            verdict = decide(
                traceID: traceID, state: UnsafeRawBufferPointer(rebasing: body[state]), priority: priority ?? .none)
        }
        switch verdict {
        case .leftOut: return false
        case .kept(traceState: nil): writer.bytes(2, UnsafeRawBufferPointer(rebasing: body[bounds]))
        case .kept(let changed?):
            var span = ProtoWriter(capacity: bounds.count + changed.count + 2)
            try copy(ProtoCursor(body, bounds), body, children: 3, &span) { _, _ throws(WireError) in false }
            span.bytes(3, changed)
            writer.bytes(2, span.bytes)
        }
        return true
    }

    private static let priorityKey = Array("sampling.priority".utf8)

    /// What a KeyValue message asks for; nil when it is another attribute.
    private static func priority(
        _ message: ProtoCursor, _ body: UnsafeRawBufferPointer
    ) throws(WireError) -> SamplingPriority? {
        var cursor = message
        var isPriority = false
        var number: Double?
        while try cursor.next() {
            switch cursor.field {
            case 1:
                let key = UnsafeRawBufferPointer(rebasing: body[try cursor.delimited()])
                isPriority = priorityKey.withUnsafeBytes { Bytes.equal($0, key) }
            case 2: number = try Self.number(try cursor.message(), body)
            default: try cursor.skip()
            }
        }
        guard isPriority else { return nil }
        return number.map { SamplingPriority($0) } ?? SamplingPriority.none
    }

    private static func number(_ message: ProtoCursor, _ body: UnsafeRawBufferPointer) throws(WireError) -> Double? {
        var cursor = message
        var number: Double?
        while try cursor.next() {
            switch cursor.field {
            case 1: number = Double(String(decoding: body[try cursor.delimited()], as: UTF8.self))
            case 3: number = Double(try cursor.int64())
            case 4: number = try cursor.double()
            default: try cursor.skip()
            }
        }
        return number
    }
}
