import MartletCore

/// Fills a push request from JSON. Its text goes to the request's own bytes, unescaped.
struct PushJSONDecoder {
    private(set) var request: LokiPush.PushRequest
    /// Why decoding stopped when it was not the JSON's fault.
    private var refusal: WireError?

    init(_ request: LokiPush.PushRequest) {
        self.request = request
    }

    mutating func decode(_ body: UnsafeRawBufferPointer, depth: Int) throws(WireError) {
        var reader = JSONReader(body, depthLimit: depth)
        do throws(JSONError) {
            try reader.beginObject()
            while try reader.nextKey() {
                guard reader.isKey("streams") else {
                    try reader.skipValue()
                    continue
                }
                if try reader.null() { continue }
                try reader.beginArray()
                while try reader.nextElement() { try stream(&reader) }
            }
            try reader.end()
        } catch {
            if let refusal { throw refusal }
            if error.reason.hasPrefix("nested deeper") { throw .tooDeep(limit: depth) }
            throw .malformed(offset: error.offset, what: error.reason)
        }
    }

    private mutating func stream(_ reader: inout JSONReader) throws(JSONError) {
        let first = request.entries.count
        var labels: ByteRange?
        try reader.beginObject()
        while try reader.nextKey() {
            if reader.isKey("stream") {
                labels = try self.labels(&reader)
            } else if reader.isKey("values") {
                if try reader.null() { continue }
                try reader.beginArray()
                while try reader.nextElement() { try entry(&reader) }
            } else if reader.isKey("labels") {
                labels = try text(&reader)
            } else if reader.isKey("entries") {
                if try reader.null() { continue }
                try reader.beginArray()
                while try reader.nextElement() { try entryObject(&reader) }
            } else {
                try reader.skipValue()
            }
        }
        // Without any they are as good as none.
        let named = labels ?? request.store(Array("{}".utf8))
        do throws(WireError) {
            try request.append(.init(labels: named, entries: first..<request.entries.count))
        } catch {
            refusal = error
            throw reader.fail("refused")
        }
    }

    /// Writes the object's members, sorted, as Prometheus text; of equal names the last counts.
    private mutating func labels(_ reader: inout JSONReader) throws(JSONError) -> ByteRange {
        var pairs: [(name: [UInt8], value: [UInt8])] = []
        try reader.beginObject()
        while try reader.nextKey() {
            pairs.append((reader.keyBytes, try reader.bytes()))
        }
        // Sorted once, so that an object of a million members costs no more than its size; equal names keep their order.
        let order = pairs.indices.sorted {
            pairs[$0].name == pairs[$1].name ? $0 < $1 : pairs[$0].name.lexicographicallyPrecedes(pairs[$1].name)
        }
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (place, index) in order.enumerated() {
            let pair = pairs[index]
            if place + 1 < order.count, pairs[order[place + 1]].name == pair.name { continue }
            if text.count > 1 { text.append(contentsOf: ", ".utf8) }
            text.append(contentsOf: pair.name)
            text.append(UInt8(ascii: "="))
            pair.value.withUnsafeBytes { GoQuote.append($0, to: &text) }
        }
        text.append(UInt8(ascii: "}"))
        return request.store(text)
    }

    /// An entry in the shape from before Loki 1.0.
    private mutating func entryObject(_ reader: inout JSONReader) throws(JSONError) {
        var timestamp: Int64?
        var line = ByteRange()
        try reader.beginObject()
        while try reader.nextKey() {
            if reader.isKey("ts") {
                timestamp = RFC3339.parse(try reader.string())?.unixNanoseconds
                guard timestamp != nil else { throw reader.fail("ts must be a time as RFC 3339 writes it") }
            } else if reader.isKey("line") {
                line = try text(&reader)
            } else {
                try reader.skipValue()
            }
        }
        guard let timestamp else { throw reader.fail("an entry has a timestamp and a line") }
        let metadata = request.metadata.count
        guard append(timestamp, line, metadata..<metadata) else { throw reader.fail("refused") }
    }

    private mutating func entry(_ reader: inout JSONReader) throws(JSONError) {
        try reader.beginArray()
        guard try reader.nextElement() else { throw reader.fail("an entry has a timestamp and a line") }
        guard try reader.peek() == .string else { throw reader.fail("a timestamp must be a string of nanoseconds") }
        let timestamp = try reader.int64(quoted: true)
        guard try reader.nextElement() else { throw reader.fail("an entry has a timestamp and a line") }
        let line = try text(&reader)
        let first = request.metadata.count
        if try reader.nextElement() {
            if try !reader.null() { try metadata(&reader) }
            guard try !reader.nextElement() else { throw reader.fail("an entry has at most three elements") }
        }
        guard append(timestamp, line, first..<request.metadata.count) else { throw reader.fail("refused") }
    }

    /// False when it is more than may be decoded; `refusal` says why.
    private mutating func append(_ timestamp: Int64, _ line: ByteRange, _ metadata: Range<Int>) -> Bool {
        do throws(WireError) {
            try request.append(.init(timestamp: timestamp, line: line, metadata: metadata))
            return true
        } catch {
            refusal = error
            return false
        }
    }

    private mutating func metadata(_ reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        while try reader.nextKey() {
            let name = request.store(reader.keyBytes)
            let value = try text(&reader)
            do throws(WireError) {
                try request.append(LabelRange(name: name, value: value))
            } catch {
                refusal = error
                throw reader.fail("refused")
            }
        }
    }

    private mutating func text(_ reader: inout JSONReader) throws(JSONError) -> ByteRange {
        let (raw, escaped) = try reader.rawString()
        return escaped ? request.store(JSONReader.unescape(raw)) : request.store(raw)
    }
}
