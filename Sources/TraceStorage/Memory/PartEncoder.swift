import MartletCore
import Wire

/// Writes stored spans as OTLP protobuf again, as they came.
struct PartEncoder {
    let part: MemoryPart

    /// Appends ResourceSpans messages (field 1) with the given rows; spans of one resource and scope go together, in the
    /// order of the rows.
    func append(rows: [Int], to writer: inout ProtoWriter) {
        var groups: [[Int]] = []
        var places: [UInt32: Int] = [:]
        for row in rows {
            let context = part.contextNumbers[row]
            if let place = places[context] {
                groups[place].append(row)
            } else {
                places[context] = groups.count
                groups.append([row])
            }
        }
        var done = [Bool](repeating: false, count: groups.count)
        for first in groups.indices where !done[first] {
            let context = part.contexts[Int(part.contextNumbers[groups[first][0]])]
            writer.message(1) { writer in
                bytes(1, context.resource, &writer, evenIfEmpty: true)
                for group in groups.indices[first...] where !done[group] {
                    let other = part.contexts[Int(part.contextNumbers[groups[group][0]])]
                    guard other.resource == context.resource, other.resourceSchema == context.resourceSchema else {
                        continue
                    }
                    done[group] = true
                    writer.message(2) { writer in
                        bytes(1, other.scope, &writer, evenIfEmpty: true)
                        for row in groups[group] { writer.message(2) { span(row, &$0) } }
                        bytes(3, other.scopeSchema, &writer)
                    }
                }
                bytes(3, context.resourceSchema, &writer)
            }
        }
    }

    private func bytes(_ field: UInt32, _ symbol: UInt32, _ writer: inout ProtoWriter, evenIfEmpty: Bool = false) {
        if symbol == 0 && !evenIfEmpty { return }
        part.symbols.withBytes(of: symbol) { writer.bytes(field, $0) }
    }

    private func id(_ field: UInt32, _ value: UInt64, _ writer: inout ProtoWriter) {
        if value == 0 { return }
        withUnsafeBytes(of: value.bigEndian) { writer.bytes(field, $0) }
    }

    private func traceID(_ field: UInt32, _ high: UInt64, _ low: UInt64, _ writer: inout ProtoWriter) {
        if high | low == 0 { return }
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { writer.bytes(field, $0) }
    }

    private func number(_ field: UInt32, _ value: UInt32, _ writer: inout ProtoWriter) {
        if value != 0 { writer.uint64(field, UInt64(value)) }
    }

    private func span(_ row: Int, _ writer: inout ProtoWriter) {
        let trace = part.traces[Int(part.traceNumbers[row])]
        let extras = part.extras(of: row)
        traceID(1, trace.high, trace.low, &writer)
        id(2, part.spanIDs[row], &writer)
        bytes(3, extras?.traceState ?? 0, &writer)
        id(4, part.parentIDs[row], &writer)
        bytes(5, part.names[row], &writer)
        let kind = extras?.kind ?? Int32(part.kinds[row])
        if kind != 0 { writer.int64(6, Int64(kind)) }
        let start = part.startTimes[row]
        let end = start &+ UInt64(bitPattern: part.durations[row])
        if start != 0 { writer.fixed64(7, start) }
        if end != 0 { writer.fixed64(8, end) }
        attributes(9, part.words, part.attributeBounds(of: row), &writer)
        number(10, extras?.droppedAttributes ?? 0, &writer)
        for event in MemoryPart.children(of: row, in: part.eventRows) { writer.message(11) { self.event(event, &$0) } }
        number(12, extras?.droppedEvents ?? 0, &writer)
        for link in MemoryPart.children(of: row, in: part.linkRows) { writer.message(13) { self.link(link, &$0) } }
        number(14, extras?.droppedLinks ?? 0, &writer)
        if part.statuses[row] & MemoryPart.statusSent != 0 {
            let status = extras?.status ?? Int32(part.statuses[row] & ~MemoryPart.statusSent)
            writer.message(15) { writer in
                bytes(2, extras?.statusMessage ?? 0, &writer)
                if status != 0 { writer.int64(3, Int64(status)) }
            }
        }
        if part.flags[row] != 0 { writer.fixed32(16, part.flags[row]) }
    }

    private func event(_ index: Int, _ writer: inout ProtoWriter) {
        let event = part.events[index]
        if event.time != 0 { writer.fixed64(1, event.time) }
        bytes(2, event.name, &writer)
        attributes(3, part.sharedWords, Int(event.attributes.lowerBound)..<Int(event.attributes.upperBound), &writer)
        number(4, event.dropped, &writer)
    }

    private func link(_ index: Int, _ writer: inout ProtoWriter) {
        let link = part.links[index]
        traceID(1, link.traceHigh, link.traceLow, &writer)
        id(2, link.span, &writer)
        bytes(3, link.traceState, &writer)
        attributes(4, part.sharedWords, Int(link.attributes.lowerBound)..<Int(link.attributes.upperBound), &writer)
        number(5, link.dropped, &writer)
        if link.flags != 0 { writer.fixed32(6, link.flags) }
    }

    private func attributes(_ field: UInt32, _ words: [UInt32], _ bounds: Range<Int>, _ writer: inout ProtoWriter) {
        for position in stride(from: bounds.lowerBound, to: bounds.upperBound, by: 2) {
            let word = AttributeWord(words[position], words[position + 1])
            writer.message(field) { writer in
                bytes(1, word.key, &writer)
                if word.kind == .empty { return }
                if word.kind == .encoded {
                    part.symbols.withBytes(of: word.payload) { writer.bytes(2, $0) }
                } else {
                    writer.message(2) { value(word, &$0) }
                }
            }
        }
    }

    private func value(_ word: AttributeWord, _ writer: inout ProtoWriter) {
        switch word.kind {
        case .string: bytes(1, word.payload, &writer, evenIfEmpty: true)
        case .bool: writer.bool(2, word.payload != 0)
        case .smallInt: writer.int64(3, Int64(Int32(bitPattern: word.payload)))
        case .wideInt: writer.int64(3, Int64(bitPattern: part.wides[Int(word.payload)]))
        case .double: writer.double(4, Double(bitPattern: part.wides[Int(word.payload)]))
        case .empty, .encoded: break
        }
    }
}
