import MartletCore

/// Writes one row group from spans in memory.
struct GroupEncoder {
    private let sources: [PartBox]
    private let selection: SpanSelection
    private var directory = GroupDirectory()
    private var summary = GroupSummary()
    private var values = GroupValues()

    init(_ sources: [PartBox], _ selection: SpanSelection) {
        self.sources = sources
        self.selection = selection
    }

    /// Adds the group to the file. The selection must not be empty.
    mutating func write(to writer: inout PartWriter) throws {
        summary.rows = selection.spans.count
        summary.traces = selection.traces.count
        try writeTraces(&writer)
        try writeSpans(&writer)
        try writeContexts(&writer)
        try writeAttributes(&writer)
        try writeExtras(&writer)
        try writeEvents(&writer)
        try writeLinks(&writer)
        try writer.add(
            directory, summary, values, traces: selection.traces.map { ($0.high, $0.low) },
            largestTrace: selection.traces.reduce(0) { max($0, $1.bytes) })
    }

    // MARK: Columns

    private mutating func integers(_ id: PartColumn, _ values: [UInt64], _ writer: inout PartWriter) throws {
        if let column = try writer.integers(values) { directory.columns[id] = .integers(column) }
    }

    /// A column with one number for each span; `value` is asked with the arrays of the span's source.
    private mutating func spanIntegers<Element>(
        _ id: PartColumn, _ column: (MemoryPart) -> [Element], _ writer: inout PartWriter,
        _ value: (Element) -> UInt64
    ) throws {
        let columns = sources.map { column($0.part) }
        try integers(id, selection.spans.map { value(columns[Int($0.source)][Int($0.row)]) }, &writer)
    }

    /// A column of strings for the spans, events or links that `symbols` names, each with its source.
    private mutating func strings(
        _ id: PartColumn, _ symbols: [(source: Int32, symbol: UInt32)], _ writer: inout PartWriter
    ) throws {
        if symbols.allSatisfy({ $0.symbol == 0 }) { return }
        var builder = StringColumnBuilder()
        var codes = sources.map { [UInt32](repeating: .max, count: $0.part.symbols.count) }
        for (source, symbol) in symbols {
            var code = codes[Int(source)][Int(symbol)]
            if code == .max {
                code = sources[Int(source)].part.symbols.withBytes(of: symbol) { builder.code($0) }
                codes[Int(source)][Int(symbol)] = code
            }
            builder.append(code)
        }
        if let field = Self.fields[id] {
            let owner = GroupValues.Owner(field)
            builder.forEachDistinct { values.add(owner, text: $0) }
        }
        directory.columns[id] = .strings(try writer.strings(builder))
    }

    private static let fields: [PartColumn: GroupValues.Field] = [
        .names: .name, .statusMessages: .statusMessage, .eventNames: .eventName,
    ]

    private mutating func bytes(_ id: PartColumn, _ bytes: [UInt8], _ writer: inout PartWriter) throws {
        if bytes.isEmpty { return }
        directory.columns[id] = .bytes(try writer.page(bytes, compressing: id == .contextTable))
    }

    // MARK: Traces

    private mutating func writeTraces(_ writer: inout PartWriter) throws {
        let traces = selection.traces
        summary.start = traces.reduce(.max) { min($0, $1.start) }
        summary.latestTraceStart = traces.reduce(0) { max($0, $1.start) }
        var starts: [UInt64] = []
        var previous = summary.start
        for trace in traces {
            // Copies that a merge leaves out may have begun a trace: then it is not quite in its place.
            starts.append(trace.start &- previous)
            previous = trace.start
            summary.end = max(summary.end, trace.end)
            summary.encodedBytes += trace.bytes
        }
        try integers(.traceRows, traces.map { UInt64($0.spans.count) }, &writer)
        try integers(.traceStarts, starts, &writer)
        try integers(.traceDurations, traces.map { $0.end - min($0.start, $0.end) }, &writer)
        try integers(.traceBytes, traces.map { UInt64($0.bytes) }, &writer)
        let parents = sources.map(\.part.parentIDs)
        let statuses = sources.map(\.part.statuses)
        try integers(
            .traceRoots,
            traces.map { trace in
                let root = trace.spans.firstIndex {
                    parents[Int(selection.spans[$0].source)][Int(selection.spans[$0].row)] == 0
                }
                return root.map { UInt64($0 - trace.spans.lowerBound + 1) } ?? 0
            }, &writer)
        try integers(
            .traceErrors,
            traces.map { trace in
                trace.spans.reduce(0) { count, index in
                    let span = selection.spans[index]
                    return count + (statuses[Int(span.source)][Int(span.row)] & ~MemoryPart.statusSent == 2 ? 1 : 0)
                }
            }, &writer)
    }

    // MARK: Spans

    private mutating func writeSpans(_ writer: inout PartWriter) throws {
        let ids = sources.map(\.part.spanIDs)
        var spanIDs = ByteWriter()
        spanIDs.bytes.reserveCapacity(selection.spans.count * 8)
        for span in selection.spans { spanIDs.u64BE(ids[Int(span.source)][Int(span.row)]) }
        try bytes(.spanIDs, spanIDs.bytes, &writer)
        try writeParents(ids, &writer)
        try writeStarts(&writer)
        try spanIntegers(.durations, \.durations, &writer) { UInt64(bitPattern: $0) ^ 1 << 63 }
        let names = sources.map(\.part.names)
        try strings(.names, selection.spans.map { ($0.source, names[Int($0.source)][Int($0.row)]) }, &writer)
        try spanIntegers(.kinds, \.kinds, &writer) { UInt64($0) }
        try spanIntegers(.statuses, \.statuses, &writer) { UInt64($0) }
        try spanIntegers(.flags, \.flags, &writer) { UInt64($0) }
    }

    private mutating func writeParents(_ ids: [[UInt64]], _ writer: inout PartWriter) throws {
        let parentIDs = sources.map(\.part.parentIDs)
        var codes: [UInt64] = []
        codes.reserveCapacity(selection.spans.count)
        var foreign = ByteWriter()
        var places: [UInt64: Int] = [:]
        for trace in selection.traces {
            let spans = selection.spans[trace.spans]
            // A short trace is searched; a long one gets a table.
            places.removeAll(keepingCapacity: true)
            if spans.count > 24 {
                for index in spans.indices.reversed() {
                    places[ids[Int(spans[index].source)][Int(spans[index].row)]] = index - spans.startIndex
                }
            }
            for span in spans {
                let parent = parentIDs[Int(span.source)][Int(span.row)]
                if parent == 0 {
                    codes.append(0)
                    continue
                }
                let place =
                    spans.count > 24
                    ? places[parent]
                    : spans.firstIndex { ids[Int($0.source)][Int($0.row)] == parent }.map { $0 - spans.startIndex }
                if let place {
                    codes.append(UInt64(place) + 2)
                } else {
                    codes.append(1)
                    foreign.u64BE(parent)
                }
            }
        }
        try integers(.parents, codes, &writer)
        try bytes(.foreignParents, foreign.bytes, &writer)
    }

    private mutating func writeStarts(_ writer: inout PartWriter) throws {
        let starts = sources.map(\.part.startTimes)
        var deltas: [UInt64] = []
        deltas.reserveCapacity(selection.spans.count)
        for trace in selection.traces {
            var previous = trace.start
            for span in selection.spans[trace.spans] {
                let start = starts[Int(span.source)][Int(span.row)]
                deltas.append(start - previous)
                previous = start
            }
        }
        try integers(.startDeltas, deltas, &writer)
    }

    private mutating func writeContexts(_ writer: inout PartWriter) throws {
        let numbers = sources.map(\.part.contextNumbers)
        var table = SymbolTable()
        var codes = sources.map { [UInt32](repeating: .max, count: $0.part.contexts.count) }
        var rows: [UInt64] = []
        rows.reserveCapacity(selection.spans.count)
        for span in selection.spans {
            let source = Int(span.source)
            let number = Int(numbers[source][Int(span.row)])
            if codes[source][number] == .max {
                let part = sources[source].part
                let context = part.contexts[number]
                var entry = ByteWriter()
                for symbol in [context.resource, context.resourceSchema, context.scope, context.scopeSchema] {
                    part.symbols.withBytes(of: symbol) { entry.uvarintBytes($0) }
                }
                codes[source][number] = entry.bytes.withUnsafeBytes { table.intern($0) }
            }
            rows.append(UInt64(codes[source][number]))
        }
        var page: [UInt8] = []
        for code in 0..<UInt32(table.count) { table.withBytes(of: code) { page.append(contentsOf: $0) } }
        // As they are stored: they are cut when they are read, perhaps by another limit than that of the sources.
        let contexts = try page.withUnsafeBytes { try GroupContexts(decoding: $0, limits: AttributeLimits(bytes: 0)) }
        contexts.add(to: &values)
        try integers(.contexts, rows, &writer)
        try bytes(.contextTable, page, &writer)
    }

    private mutating func writeAttributes(_ writer: inout PartWriter) throws {
        let words = sources.map(\.part.words)
        let starts = sources.map(\.part.attributeStarts)
        var collector = AttributeCollector(sources)
        for span in selection.spans {
            let (source, row) = (Int(span.source), Int(span.row))
            let end = row + 1 < starts[source].count ? Int(starts[source][row + 1]) : words[source].count
            collector.append(source: source, words[source], Int(starts[source][row])..<end)
        }
        try integers(.shapes, collector.rows, &writer)
        collector.add(to: &values)
        directory.spans = try collector.write(to: &writer)
    }

    // MARK: What few spans have

    private mutating func writeExtras(_ writer: inout PartWriter) throws {
        var rows: [UInt64] = []
        var found: [(source: Int32, extras: MemoryPart.Extras)] = []
        var previous = 0
        for (index, span) in selection.spans.enumerated() {
            guard let extras = sources[Int(span.source)].part.extras(of: Int(span.row)) else { continue }
            rows.append(UInt64(index - previous))
            previous = index
            found.append((span.source, extras))
        }
        if found.isEmpty { return }
        directory.columns[.extraRows] = .integers(try writer.allIntegers(rows))
        try strings(.traceStates, found.map { ($0.source, $0.extras.traceState) }, &writer)
        try strings(.statusMessages, found.map { ($0.source, $0.extras.statusMessage) }, &writer)
        try integers(.extraKinds, found.map { UInt64(UInt32(bitPattern: $0.extras.kind)) }, &writer)
        try integers(.extraStatuses, found.map { UInt64(UInt32(bitPattern: $0.extras.status)) }, &writer)
        try integers(.droppedAttributes, found.map { UInt64($0.extras.droppedAttributes) }, &writer)
        try integers(.droppedEvents, found.map { UInt64($0.extras.droppedEvents) }, &writer)
        try integers(.droppedLinks, found.map { UInt64($0.extras.droppedLinks) }, &writer)
    }

    /// For each span its children in its source, and their numbers.
    private func children(_ rows: (MemoryPart) -> [UInt32]) -> (counts: [UInt64], found: [(source: Int32, index: Int)])
    {
        var counts: [UInt64] = []
        var found: [(source: Int32, index: Int)] = []
        let owners = sources.map { rows($0.part) }
        if owners.allSatisfy(\.isEmpty) { return ([], []) }
        for span in selection.spans {
            let bounds = MemoryPart.children(of: Int(span.row), in: owners[Int(span.source)])
            counts.append(UInt64(bounds.count))
            for index in bounds { found.append((span.source, index)) }
        }
        return (counts, found)
    }

    private mutating func writeEvents(_ writer: inout PartWriter) throws {
        let (counts, found) = children(\.eventRows)
        summary.events = found.count
        if found.isEmpty { return }
        try integers(.eventCounts, counts, &writer)
        let events = sources.map(\.part.events)
        let owners = sources.map(\.part.eventRows)
        let starts = sources.map(\.part.startTimes)
        let words = sources.map(\.part.sharedWords)
        var times: [UInt64] = []
        var names: [(source: Int32, symbol: UInt32)] = []
        var collector = AttributeCollector(sources)
        for (source, index) in found {
            let place = Int(source)
            let event = events[place][index]
            times.append((event.time &- starts[place][Int(owners[place][index])]) ^ 1 << 63)
            names.append((source, event.name))
            collector.append(
                source: place, words[place], Int(event.attributes.lowerBound)..<Int(event.attributes.upperBound))
        }
        directory.columns[.eventTimes] = .integers(try writer.allIntegers(times))
        try strings(.eventNames, names, &writer)
        try integers(.eventDropped, found.map { UInt64(events[Int($0.source)][$0.index].dropped) }, &writer)
        try integers(.eventShapes, collector.rows, &writer)
        collector.add(to: &values)
        directory.events = try collector.write(to: &writer)
    }

    private mutating func writeLinks(_ writer: inout PartWriter) throws {
        let (counts, found) = children(\.linkRows)
        summary.links = found.count
        if found.isEmpty { return }
        try integers(.linkCounts, counts, &writer)
        let links = sources.map(\.part.links)
        let words = sources.map(\.part.sharedWords)
        var ids = ByteWriter()
        var states: [(source: Int32, symbol: UInt32)] = []
        var collector = AttributeCollector(sources)
        for (source, index) in found {
            let link = links[Int(source)][index]
            ids.u64BE(link.traceHigh)
            ids.u64BE(link.traceLow)
            ids.u64BE(link.span)
            states.append((source, link.traceState))
            collector.append(
                source: Int(source), words[Int(source)],
                Int(link.attributes.lowerBound)..<Int(link.attributes.upperBound))
        }
        try bytes(.linkIDs, ids.bytes, &writer)
        try strings(.linkStates, states, &writer)
        try integers(.linkDropped, found.map { UInt64(links[Int($0.source)][$0.index].dropped) }, &writer)
        try integers(.linkFlags, found.map { UInt64(links[Int($0.source)][$0.index].flags) }, &writer)
        try integers(.linkShapes, collector.rows, &writer)
        collector.add(to: &values)
        directory.links = try collector.write(to: &writer)
    }
}
