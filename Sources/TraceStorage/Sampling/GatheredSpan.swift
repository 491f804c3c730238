import MartletCore
import TraceSampling
import Wire

/// A row of a part as conditions see it.
struct GatheredSpan: SampledSpan {
    let box: PartBox
    let row: Int

    private var part: MemoryPart { box.part }
    private var context: MemoryPart.Context { part.contexts[Int(part.contextNumbers[row])] }
    private var events: Range<Int> { MemoryPart.children(of: row, in: part.eventRows) }

    var eventCount: Int { events.count }

    func value(of field: OTTLField, event: Int?) -> OTTLValue {
        switch field {
        case .name: return text(part.names[row])
        case .kind: return .int(Int64(part.extras(of: row)?.kind ?? Int32(part.kinds[row])))
        case .statusCode:
            return .int(Int64(part.extras(of: row)?.status ?? Int32(part.statuses[row] & ~MemoryPart.statusSent)))
        case .statusMessage: return text(part.extras(of: row)?.statusMessage ?? 0)
        case .startTime: return .time(Int64(clamping: part.startTimes[row]))
        case .endTime: return .time(Int64(clamping: part.startTimes[row] &+ UInt64(bitPattern: part.durations[row])))
        case .traceID:
            let trace = part.traces[Int(part.traceNumbers[row])]
            return .id(ByteString(OTLP.TraceID(high: trace.high, low: trace.low).bytes))
        case .spanID: return .id(ByteString(OTLP.SpanID(part.spanIDs[row]).bytes))
        case .parentSpanID: return .id(ByteString(OTLP.SpanID(part.parentIDs[row]).bytes))
        case .traceState: return text(part.extras(of: row)?.traceState ?? 0)
        case .flags: return .int(Int64(part.flags[row]))
        case .droppedAttributes: return .int(Int64(part.extras(of: row)?.droppedAttributes ?? 0))
        case .droppedEvents: return .int(Int64(part.extras(of: row)?.droppedEvents ?? 0))
        case .droppedLinks: return .int(Int64(part.extras(of: row)?.droppedLinks ?? 0))
        case .scopeName: return text(context.scopeName)
        case .scopeVersion: return text(context.scopeVersion)
        case .attributes(let owner):
            guard let (words, bounds) = attributes(of: owner, event) else { return .none }
            return all(words, bounds)
        case .attribute(let owner, let key):
            guard let symbol = part.symbols.lookup(key), let (words, bounds) = attributes(of: owner, event) else {
                return .none
            }
            return one(symbol, words, bounds)
        case .eventName, .eventTime, .eventDroppedAttributes, .eventIndex: return value(of: field, ofEvent: event)
        }
    }

    private func value(of field: OTTLField, ofEvent number: Int?) -> OTTLValue {
        guard let number, let event = self.event(number) else { return .none }
        switch field {
        case .eventName: return text(event.name)
        case .eventTime: return .time(Int64(clamping: event.time))
        case .eventDroppedAttributes: return .int(Int64(event.dropped))
        case .eventIndex: return .int(Int64(number))
        default: return .none
        }
    }

    private func event(_ number: Int) -> MemoryPart.Event? {
        let events = events
        return number < events.count ? part.events[events.lowerBound + number] : nil
    }

    private func text(_ symbol: UInt32) -> OTTLValue {
        .text(part.symbols.withBytes(of: symbol) { ByteString(copying: $0) })
    }

    // MARK: Attributes

    private func attributes(of owner: OTTLField.Owner, _ event: Int?) -> (words: [UInt32], bounds: Range<Int>)? {
        switch owner {
        case .span: return (part.words, part.attributeBounds(of: row))
        case .resource: return (part.sharedWords, context.resourceAttributes)
        case .scope: return (part.sharedWords, context.scopeAttributes)
        case .event:
            guard let bounds = event.flatMap({ self.event($0) })?.attributes else { return nil }
            return (part.sharedWords, Int(bounds.lowerBound)..<Int(bounds.upperBound))
        }
    }

    /// Of several attributes with the key the first counts.
    private func one(_ key: UInt32, _ words: [UInt32], _ bounds: Range<Int>) -> OTTLValue {
        for position in stride(from: bounds.lowerBound, to: bounds.upperBound, by: 2) {
            let word = AttributeWord(words[position], words[position + 1])
            if word.key == key { return value(word) }
        }
        return .none
    }

    private func all(_ words: [UInt32], _ bounds: Range<Int>) -> OTTLValue {
        var map: [ByteString: OTTLValue] = [:]
        for position in stride(from: bounds.lowerBound, to: bounds.upperBound, by: 2) {
            let word = AttributeWord(words[position], words[position + 1])
            let key = part.symbols.withBytes(of: word.key) { ByteString(copying: $0) }
            if map[key] == nil { map[key] = value(word) }
        }
        return .map(map)
    }

    private func value(_ word: AttributeWord) -> OTTLValue {
        switch word.kind {
        case .empty: .none
        case .string: text(word.payload)
        case .smallInt: .int(Int64(Int32(bitPattern: word.payload)))
        case .wideInt: .int(Int64(bitPattern: part.wides[Int(word.payload)]))
        case .double: .double(Double(bitPattern: part.wides[Int(word.payload)]))
        case .bool: .bool(word.payload != 0)
        case .encoded: part.symbols.withBytes(of: word.payload) { EncodedValue.read($0) }
        }
    }
}
