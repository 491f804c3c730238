import MartletCore
import Wire

extension MemoryPart {
    /// Adds a trace without rows.
    mutating func addTrace(high: UInt64, low: UInt64, older: FragmentRef, olderBytes: Int) -> UInt32 {
        traces.append(
            Trace(
                high: high, low: low, firstRow: .max, lastRow: .max, start: .max, end: 0, bytes: 0,
                olderBytes: olderBytes, older: older))
        return UInt32(traces.count - 1)
    }

    /// Adds a span to one of the part's traces. The result is the row that it replaces, if the span was here before.
    mutating func append(
        _ span: DecodedRequest.Span, of request: DecodedRequest, trace: UInt32, context: UInt32, limits: AttributeLimits
    ) -> Int? {
        let row = count
        let kind = UInt8(clamping: span.kind)
        let replaced = self.row(trace: trace, span: span.id, kind: kind)
        traceNumbers.append(trace)
        spanIDs.append(span.id)
        parentIDs.append(span.parent)
        startTimes.append(span.start)
        durations.append(Int64(bitPattern: span.end &- span.start))
        names.append(intern(span.name, request))
        contextNumbers.append(context)
        kinds.append(kind)
        statuses.append(UInt8(clamping: min(span.status, 0x7F)) | (span.hasStatus ? Self.statusSent : 0))
        flags.append(span.flags)
        sizes.append(span.size)
        nextRows.append(.max)
        attributeStarts.append(UInt32(words.count))
        for position in span.attributes {
            let word = word(request.attributes[Int(position)], request.body, limits)
            note(word.key, KeyUse.span)
            words.append(word.first)
            words.append(word.payload)
        }
        appendExtras(span, request, row)
        appendEvents(span, request, row, limits)
        appendLinks(span, request, row, limits)
        if index.isFull { index.grow((0..<row).map { indexHash(of: $0) }) }
        index.insert(row, hash: indexHash(of: row), replacing: replaced)
        link(row, to: Int(trace), span)
        encodedBytes += Int(span.size)
        return replaced
    }

    private mutating func link(_ row: Int, to trace: Int, _ span: DecodedRequest.Span) {
        if traces[trace].firstRow == .max {
            traces[trace].firstRow = UInt32(row)
        } else {
            nextRows[Int(traces[trace].lastRow)] = UInt32(row)
        }
        traces[trace].lastRow = UInt32(row)
        traces[trace].start = min(traces[trace].start, span.start)
        traces[trace].end = max(traces[trace].end, max(span.start, span.end))
        traces[trace].bytes += Int(span.size)
        latestTraceStart = max(latestTraceStart, span.start)
        earliestStart = min(earliestStart, span.start)
        latestEnd = max(latestEnd, max(span.start, span.end))
    }

    // MARK: Text and attributes

    private mutating func intern(_ range: ByteRange, _ request: DecodedRequest) -> UInt32 {
        range.isEmpty ? 0 : symbols.intern(range.bytes(in: request.body))
    }

    private mutating func word(
        _ attribute: DecodedRequest.Attribute, _ body: UnsafeRawBufferPointer, _ limits: AttributeLimits
    ) -> AttributeWord {
        let key = attribute.key.isEmpty ? 0 : symbols.intern(limits.cut(attribute.key.bytes(in: body)))
        switch attribute.kind {
        case .empty: return AttributeWord(key: key, kind: .empty, payload: 0)
        case .string:
            let text = limits.cut(attribute.bytes.bytes(in: body))
            return AttributeWord(key: key, kind: .string, payload: text.isEmpty ? 0 : symbols.intern(text))
        case .bool: return AttributeWord(key: key, kind: .bool, payload: UInt32(attribute.bits))
        case .int:
            let value = Int64(bitPattern: attribute.bits)
            if let small = Int32(exactly: value) {
                return AttributeWord(key: key, kind: .smallInt, payload: UInt32(bitPattern: small))
            }
            return AttributeWord(key: key, kind: .wideInt, payload: wide(attribute.bits))
        case .double: return AttributeWord(key: key, kind: .double, payload: wide(attribute.bits))
        case .encoded:
            hasArrays = true
            return AttributeWord(key: key, kind: .encoded, payload: symbols.intern(attribute.bytes.bytes(in: body)))
        }
    }

    /// Remembers that a symbol is an attribute's key.
    mutating func note(_ key: UInt32, _ use: UInt8) {
        while keyUses.count <= Int(key) { keyUses.append(0) }
        keyUses[Int(key)] |= use
    }

    /// Adds a value that has no room in a word.
    mutating func wide(_ bits: UInt64) -> UInt32 {
        wides.append(bits)
        return UInt32(wides.count - 1)
    }

    private mutating func shared(
        _ attributes: Range<UInt32>, _ request: DecodedRequest, _ limits: AttributeLimits, _ use: UInt8
    ) -> Range<UInt32> {
        let first = UInt32(sharedWords.count)
        for position in attributes {
            let word = word(request.attributes[Int(position)], request.body, limits)
            note(word.key, use)
            sharedWords.append(word.first)
            sharedWords.append(word.payload)
        }
        return first..<UInt32(sharedWords.count)
    }

    // MARK: What few spans have

    private mutating func appendExtras(_ span: DecodedRequest.Span, _ request: DecodedRequest, _ row: Int) {
        let plain =
            span.traceState.isEmpty && span.statusMessage.isEmpty && (0...5).contains(span.kind)
            && (0...2).contains(span.status)
            && span.droppedAttributes | span.droppedEvents | span.droppedLinks == 0
        guard !plain else { return }
        extraRows.append(UInt32(row))
        extras.append(
            Extras(
                traceState: intern(span.traceState, request), statusMessage: intern(span.statusMessage, request),
                kind: span.kind, status: span.status, droppedAttributes: span.droppedAttributes,
                droppedEvents: span.droppedEvents, droppedLinks: span.droppedLinks))
    }

    private mutating func appendEvents(
        _ span: DecodedRequest.Span, _ request: DecodedRequest, _ row: Int, _ limits: AttributeLimits
    ) {
        for position in span.events {
            let event = request.events[Int(position)]
            let attributes = shared(event.attributes, request, limits, KeyUse.event)
            eventRows.append(UInt32(row))
            events.append(
                Event(
                    time: event.time, name: intern(event.name, request), dropped: event.dropped, attributes: attributes)
            )
        }
    }

    private mutating func appendLinks(
        _ span: DecodedRequest.Span, _ request: DecodedRequest, _ row: Int, _ limits: AttributeLimits
    ) {
        for position in span.links {
            let link = request.links[Int(position)]
            let attributes = shared(link.attributes, request, limits, KeyUse.link)
            linkRows.append(UInt32(row))
            links.append(
                Link(
                    traceHigh: link.traceHigh, traceLow: link.traceLow, span: link.span,
                    traceState: intern(link.traceState, request), dropped: link.dropped, flags: link.flags,
                    attributes: attributes))
        }
    }

    // MARK: Resources and scopes

    /// The number of a request's context, which is added when it is new.
    mutating func context(
        _ context: DecodedRequest.Context, of request: DecodedRequest, limits: AttributeLimits
    ) -> UInt32 {
        self.context(
            resource: context.resource.bytes(in: request.body),
            resourceSchema: context.resourceSchema.bytes(in: request.body),
            scope: context.scope.bytes(in: request.body), scopeSchema: context.scopeSchema.bytes(in: request.body),
            limits: limits)
    }

    /// The number of a context, given as encoded Resource and InstrumentationScope messages and their schema URLs.
    mutating func context(
        resource: UnsafeRawBufferPointer, resourceSchema: UnsafeRawBufferPointer, scope: UnsafeRawBufferPointer,
        scopeSchema: UnsafeRawBufferPointer, limits: AttributeLimits
    ) -> UInt32 {
        let key = ContextKey(
            resource: symbols.intern(resource), resourceSchema: symbols.intern(resourceSchema),
            scope: symbols.intern(scope), scopeSchema: symbols.intern(scopeSchema))
        if let known = contextPlaces[key] { return known }
        var name: UInt32 = 0
        var version: UInt32 = 0
        let resourceWords = contextWords(resource, attributes: 1, KeyUse.resource, limits) { _, _ in }
        let scopeWords = contextWords(scope, attributes: 3, KeyUse.scope, limits) { field, symbol in
            if field == 1 { name = symbol } else if field == 2 { version = symbol }
        }
        contexts.append(
            Context(
                resource: key.resource, resourceSchema: key.resourceSchema, scope: key.scope,
                scopeSchema: key.scopeSchema, resourceAttributes: resourceWords, scopeAttributes: scopeWords,
                scopeName: name, scopeVersion: version))
        let number = UInt32(contexts.count - 1)
        contextPlaces[key] = number
        return number
    }

    /// The attributes of a Resource or InstrumentationScope message as words; its texts go to `text`.
    private mutating func contextWords(
        _ message: UnsafeRawBufferPointer, attributes field: UInt32, _ use: UInt8, _ limits: AttributeLimits,
        _ text: (UInt32, UInt32) -> Void
    ) -> Range<Int> {
        let first = sharedWords.count
        var cursor = ProtoCursor(message)
        do throws(WireError) {
            while try cursor.next() {
                if cursor.field == field {
                    let attribute = try DecodedRequest.attribute(try cursor.message(), maximumDepth: .max)
                    let word = word(attribute, message, limits)
                    note(word.key, use)
                    sharedWords.append(word.first)
                    sharedWords.append(word.payload)
                } else if field == 3, cursor.field <= 2 {
                    text(cursor.field, symbols.intern(try cursor.byteRange().bytes(in: message)))
                } else {
                    try cursor.skip()
                }
            }
        } catch {
            // The request was checked as a whole before; what was read so far stands.
        }
        return first..<sharedWords.count
    }
}
