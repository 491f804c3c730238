extension RemoteWrite.WriteRequest {
    /// Text of a 2.0 request. The bytes before it are its length, so that both are copied together, as labels have them.
    struct Symbol {
        /// Of the text, in the body.
        var offset: UInt32
        var count: UInt32
        /// Bytes of the length before it; 0 when it is written longer than it needs.
        var prefix: UInt8
        /// Whether it is `__name__`.
        var isMetricName: Bool
        /// Whether the metric of this name has brought its metadata already.
        var isDescribed = false

        var range: ByteRange { ByteRange(offset: Int(offset), count: Int(count)) }
    }

    /// What was left out of a 2.0 request.
    package struct Refusal: Sendable, Hashable {
        /// Why, for the sender.
        package var reason: String
        /// Samples that went with it, native histograms included.
        package var samples: Int
    }

    /// Replaces the columns by what `body` holds, a message of 2.0 (io.prometheus.write.v2.Request). What points to symbols
    /// that are not there becomes a refusal; the rest is taken. Metadata is taken once for each metric. After an error the
    /// columns hold nothing of use.
    package mutating func decodeVersion2(
        _ body: UnsafeRawBufferPointer, limits: DecodeLimits = .standard
    ) throws(WireError) {
        try begin(body, limits)
        try decodeSymbols(body)
        var cursor = ProtoCursor(body)
        while try cursor.next() {
            if cursor.field == 5 { try decodeSeriesVersion2(&cursor) } else { try cursor.skip() }
        }
    }

    /// Symbols may follow the series that use them, though no sender does it.
    private mutating func decodeSymbols(_ body: UnsafeRawBufferPointer) throws(WireError) {
        symbols.removeAll(keepingCapacity: true)
        let metricName: StaticString = "__name__"
        var cursor = ProtoCursor(body)
        while try cursor.next() {
            guard cursor.field == 4 else {
                try cursor.skip()
                continue
            }
            try charge(MemoryLayout<Symbol>.stride)
            let start = cursor.offset
            let bounds = try cursor.delimited()
            let prefix = bounds.lowerBound - start
            let isMetricName =
                bounds.count == metricName.utf8CodeUnitCount
                && body[bounds].elementsEqual(
                    UnsafeBufferPointer(start: metricName.utf8Start, count: metricName.utf8CodeUnitCount))
            symbols.append(
                Symbol(
                    offset: UInt32(bounds.lowerBound), count: UInt32(bounds.count),
                    prefix: prefix == Self.lengthSize(bounds.count) ? UInt8(prefix) : 0, isMetricName: isMetricName))
        }
    }

    /// Bytes of a length as a varint.
    private static func lengthSize(_ length: Int) -> Int {
        length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : length < 1 << 21 ? 3 : length < 1 << 28 ? 4 : 5
    }

    private mutating func decodeSeriesVersion2(_ cursor: inout ProtoCursor) throws(WireError) {
        try charge(MemoryLayout<Series>.stride)
        var message = try cursor.message()
        references.removeAll(keepingCapacity: true)
        let firstSample = samples.count
        let firstExemplar = exemplars.count
        let firstHistogram = histograms.count
        var exemplarMessages: [ProtoCursor] = []
        var description: Description?
        while try message.next() {
            switch message.field {
            case 1: try decodeReferences(&message)
            case 2: try decodeSampleVersion2(&message)
            case 3:
                try charge(Self.histogramBytes)
                let range = try message.byteRange()
                try HistogramCheck.check(ProtoCursor(message.bytes, range.bounds))
                histograms.append(range)
            case 4:
                try charge(MemoryLayout<ProtoCursor>.stride)
                exemplarMessages.append(try message.message())
            case 5: try decodeDescription(&message, into: &description)
            default: try message.skip()
            }
        }
        // Exemplars bring references of their own.
        if let reason = faultOfReferences() {
            refuse(reason, samples: samples.count - firstSample + histograms.count - firstHistogram)
            samples.removeLast(samples.count - firstSample)
            startTimestamps.removeLast(startTimestamps.count - firstSample)
            histograms.removeLast(histograms.count - firstHistogram)
            for exemplar in exemplarMessages { try decodeExemplarVersion2(exemplar, isTaken: false) }
            return
        }
        let labels = try copyLabels(message.bytes)
        if let description { try describe(description) }
        for exemplar in exemplarMessages { try decodeExemplarVersion2(exemplar, isTaken: true) }
        series.append(
            Series(
                labels: labels, samples: firstSample..<samples.count, exemplars: firstExemplar..<exemplars.count,
                histograms: firstHistogram..<histograms.count))
    }

    private mutating func refuse(_ reason: String, samples: Int) {
        refusals.append(Refusal(reason: reason, samples: samples))
    }

    private mutating func decodeSampleVersion2(_ cursor: inout ProtoCursor) throws(WireError) {
        try charge(MemoryLayout<Sample>.stride + MemoryLayout<Int64>.stride)
        var message = try cursor.message()
        var sample = Sample(timestamp: 0, value: 0)
        var start: Int64 = 0
        while try message.next() {
            switch message.field {
            case 1: sample.value = try message.double()
            case 2: sample.timestamp = try message.int64()
            case 3: start = try message.int64()
            default: try message.skip()
            }
        }
        samples.append(sample)
        startTimestamps.append(start)
    }

    private mutating func decodeExemplarVersion2(_ cursor: ProtoCursor, isTaken: Bool) throws(WireError) {
        try charge(MemoryLayout<Exemplar>.stride)
        var message = cursor
        references.removeAll(keepingCapacity: true)
        var exemplar = Exemplar(labels: 0..<0, value: 0, timestamp: 0)
        while try message.next() {
            switch message.field {
            case 1: try decodeReferences(&message)
            case 2: exemplar.value = try message.double()
            case 3: exemplar.timestamp = try message.int64()
            default: try message.skip()
            }
        }
        guard isTaken else { return }
        if let reason = faultOfReferences() { return refuse("exemplar with " + reason, samples: 0) }
        exemplar.labels = try copyLabels(message.bytes)
        exemplars.append(exemplar)
    }

    // MARK: References to symbols

    private mutating func decodeReferences(_ message: inout ProtoCursor) throws(WireError) {
        guard message.wireType == .delimited else {
            try charge(MemoryLayout<UInt32>.stride)
            return references.append(try message.uint32())
        }
        let bounds = try message.delimited()
        try charge(bounds.count * MemoryLayout<UInt32>.stride)
        var packed = ProtoCursor(message.bytes, bounds)
        while packed.position < packed.end { references.append(UInt32(truncatingIfNeeded: try packed.varint())) }
    }

    private func faultOfReferences() -> String? {
        guard references.count.isMultiple(of: 2) else {
            return "an odd number of references to symbols: \(references.count)"
        }
        let count = symbols.count
        guard let wrong = references.first(where: { $0 >= count }) else { return nil }
        return "a reference to symbol \(wrong) of \(count)"
    }

    /// Writes the labels that `references` name, which must be sound.
    private mutating func copyLabels(_ body: UnsafeRawBufferPointer) throws(WireError) -> Range<Int> {
        var size = 0
        for reference in references { size += Int(symbols[Int(reference)].count) + 5 }
        // A symbol may be named without end: what it expands to counts, not what came.
        try charge(size)
        let first = labelCount
        let missing = first + size + LabelCopy.slack - labelBytes.count
        if missing > 0 { labelBytes.append(contentsOf: repeatElement(0, count: max(missing, labelBytes.count))) }
        var end = first
        labelBytes.withUnsafeMutableBytes { out in
            guard let out = out.baseAddress, let base = body.baseAddress else { return }
            for reference in references {
                let symbol = symbols[Int(reference)]
                if symbol.prefix > 0 {
                    let start = Int(symbol.offset) &- Int(symbol.prefix)
                    LabelCopy.append(
                        encoded: base + start, Int(symbol.prefix) &+ Int(symbol.count), readable: body.count &- start,
                        to: out, &end)
                } else {
                    LabelCopy.append(symbol.range.bytes(in: body), to: out, &end)
                }
            }
        }
        labelCount = end
        return first..<end
    }

    // MARK: Metadata

    /// Metadata of a series, with references to symbols.
    private struct Description {
        var type: Int32 = 0
        var help: UInt32 = 0
        var unit: UInt32 = 0
    }

    private func decodeDescription(
        _ cursor: inout ProtoCursor, into description: inout Description?
    ) throws(WireError) {
        var message = try cursor.message()
        var fresh = description ?? Description()
        while try message.next() {
            switch message.field {
            case 1: fresh.type = try message.int32()
            case 3: fresh.help = try message.uint32()
            case 4: fresh.unit = try message.uint32()
            default: try message.skip()
            }
        }
        description = fresh
    }

    /// Keeps the metadata of the metric that `references` name. All its series bring the same: the first counts.
    private mutating func describe(_ description: Description) throws(WireError) {
        var at = 0
        while at < references.count, !symbols[Int(references[at])].isMetricName { at += 2 }
        guard at < references.count else { return }
        let name = Int(references[at + 1])
        guard !symbols[name].isDescribed else { return }
        guard max(description.help, description.unit) < symbols.count else {
            let wrong = max(description.help, description.unit)
            return refuse("metadata with a reference to symbol \(wrong) of \(symbols.count)", samples: 0)
        }
        symbols[name].isDescribed = true
        let item = Metadata(
            family: symbols[name].range, type: description.type, help: symbols[Int(description.help)].range,
            unit: symbols[Int(description.unit)].range)
        guard item.type != 0 || !item.help.isEmpty || !item.unit.isEmpty else { return }
        try charge(MemoryLayout<Metadata>.stride)
        metadata.append(item)
    }
}
