import MartletCore
import TraceQL
import Wire

/// Spans in memory, in order of arrival, as columns; strings are interned in one table of the part's own, so that a part
/// can be dropped as a whole.
struct MemoryPart: Sendable {
    /// What the part knows of one of its traces.
    struct Trace: Sendable {
        let high: UInt64
        let low: UInt64
        var firstRow: UInt32
        var lastRow: UInt32
        var start: UInt64
        var end: UInt64
        /// Bytes of the encoded spans, replaced ones too.
        var bytes: Int
        /// Bytes of the spans of the trace in older parts, when this one got its first; some may have gone since.
        let olderBytes: Int
        /// The part before this one that holds spans of the trace.
        let older: FragmentRef
    }

    /// What the spans of one ScopeSpans message have in common: encoded messages and schema URLs as symbols, attributes as
    /// words.
    struct Context: Sendable {
        let resource: UInt32
        let resourceSchema: UInt32
        let scope: UInt32
        let scopeSchema: UInt32
        let resourceAttributes: Range<Int>
        let scopeAttributes: Range<Int>
        let scopeName: UInt32
        let scopeVersion: UInt32

        /// Marks the symbols of the keys that the resource or the scope has.
        func markKeys(_ scope: AttributeScope, of part: MemoryPart, _ keys: inout Bitmap) {
            let words = part.sharedWords[scope == .resource ? resourceAttributes : scopeAttributes]
            AttributeWord.forEachKey(words) { keys[Int($0)] = true }
        }
    }

    /// What few spans have.
    struct Extras: Sendable {
        var traceState: UInt32
        var statusMessage: UInt32
        var kind: Int32
        var status: Int32
        var droppedAttributes: UInt32
        var droppedEvents: UInt32
        var droppedLinks: UInt32
    }

    struct Event: Sendable {
        let time: UInt64
        let name: UInt32
        let dropped: UInt32
        let attributes: Range<UInt32>
    }

    struct Link: Sendable {
        let traceHigh: UInt64
        let traceLow: UInt64
        let span: UInt64
        let traceState: UInt32
        let dropped: UInt32
        let flags: UInt32
        let attributes: Range<UInt32>
    }

    /// Places where attributes lie.
    enum KeyUse {
        static let span: UInt8 = 1
        static let event: UInt8 = 2
        static let link: UInt8 = 4
        static let resource: UInt8 = 8
        static let scope: UInt8 = 16
    }

    struct ContextKey: Hashable, Sendable {
        let resource: UInt32
        let resourceSchema: UInt32
        let scope: UInt32
        let scopeSchema: UInt32
    }

    /// In `statuses`: the span came with a status, if only an empty one.
    static let statusSent: UInt8 = 0x80

    // Rows: one element for each span.
    var traceNumbers: [UInt32] = []
    var spanIDs: [UInt64] = []
    var parentIDs: [UInt64] = []
    var startTimes: [UInt64] = []
    var durations: [Int64] = []
    var names: [UInt32] = []
    var contextNumbers: [UInt32] = []
    var kinds: [UInt8] = []
    /// The status' code, and `statusSent`.
    var statuses: [UInt8] = []
    var flags: [UInt32] = []
    /// Bytes of the encoded span; of spans that were in a part on disk their trace's mean.
    var sizes: [UInt32] = []
    /// Index of the first word of the row's attributes.
    var attributeStarts: [UInt32] = []
    /// The next row of the same trace; `.max` for none.
    var nextRows: [UInt32] = []

    // What rows point to.
    var words: [UInt32] = []
    var wides: [UInt64] = []
    var extraRows: [UInt32] = []
    var extras: [Extras] = []
    var eventRows: [UInt32] = []
    var events: [Event] = []
    var linkRows: [UInt32] = []
    var links: [Link] = []
    /// Words of the attributes of events, links, resources and scopes.
    var sharedWords: [UInt32] = []
    var contexts: [Context] = []
    var contextPlaces: [ContextKey: UInt32] = [:]
    var traces: [Trace] = []
    var symbols = SymbolTable()
    var index = SpanIndex()
    var hasArrays = false
    /// For each symbol the places where it is an attribute's key, as `KeyUse` bits; shorter than the table of symbols.
    var keyUses: [UInt8] = []

    // The part as a whole.
    let serial: UInt32
    /// Bytes of the encoded spans.
    var encodedBytes = 0
    var latestTraceStart: UInt64 = 0
    var earliestStart = UInt64.max
    var latestEnd: UInt64 = 0

    init(serial: UInt32) {
        self.serial = serial
        // Symbol 0 is the empty string: what an absent text is.
        _ = symbols.intern("")
    }

    var count: Int { spanIDs.count }

    /// Bytes of memory held.
    var memory: Int {
        let rows = spanIDs.capacity * 8 * 4 + traceNumbers.capacity * 4 * 7 + kinds.capacity * 2
        let children = events.capacity * MemoryLayout<Event>.stride + links.capacity * MemoryLayout<Link>.stride
        let tables =
            traces.capacity * MemoryLayout<Trace>.stride + contexts.capacity * 128 + extras.capacity
            * MemoryLayout<Extras>.stride
        return rows + children + tables + (words.capacity + sharedWords.capacity) * 4 + wides.capacity * 8
            + (extraRows.capacity + eventRows.capacity + linkRows.capacity) * 4 + symbols.memory + index.memory
    }

    /// The extras of a row, when it has any.
    func extras(of row: Int) -> Extras? {
        let place = extraRows.indices.partitioningIndex { extraRows[$0] >= UInt32(row) }
        return place < extraRows.count && extraRows[place] == UInt32(row) ? extras[place] : nil
    }

    /// The indices in `rows`, which is ascending, that hold `row`: the row's events or links.
    static func children(of row: Int, in rows: [UInt32]) -> Range<Int> {
        let low = rows.indices.partitioningIndex { rows[$0] >= UInt32(row) }
        var end = low
        while end < rows.count, rows[end] == UInt32(row) { end += 1 }
        return low..<end
    }

    /// The words of a row's attributes.
    func attributeBounds(of row: Int) -> Range<Int> {
        let end = row + 1 < attributeStarts.count ? Int(attributeStarts[row + 1]) : words.count
        return Int(attributeStarts[row])..<end
    }

    func indexHash(of row: Int) -> UInt64 {
        SpanIndex.hash(trace: traceNumbers[row], span: spanIDs[row], kind: kinds[row])
    }

    /// The row of a span, by its identity.
    func row(trace: UInt32, span: UInt64, kind: UInt8) -> Int? {
        index.find(SpanIndex.hash(trace: trace, span: span, kind: kind)) {
            spanIDs[$0] == span && traceNumbers[$0] == trace && kinds[$0] == kind
        }
    }

    /// Gives back memory that growth reserved: for a part that is full.
    mutating func compact() {
        words = Array(words)
        sharedWords = Array(sharedWords)
        wides = Array(wides)
        traces = Array(traces)
        extras = Array(extras)
        extraRows = Array(extraRows)
        events = Array(events)
        eventRows = Array(eventRows)
        links = Array(links)
        linkRows = Array(linkRows)
        contextPlaces = [:]
    }
}
