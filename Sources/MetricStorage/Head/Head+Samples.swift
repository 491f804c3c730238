import MartletCore

extension Head {
    /// What the rules say about a sample, given the last one of its series. Nil when it may be appended; `.some(nil)`
    /// when it repeats the last one.
    @inline(__always)
    static func verdict(
        _ time: Int64, _ value: UInt64, lastTime: Int64, lastValue: UInt64, acceptedFrom: Int64
    ) -> SampleRejection?? {
        // The last time of a series that has no sample yet, so that of no sample.
        if time == .min { return .some(.outOfBounds) }
        if time > lastTime { return time < acceptedFrom ? .some(.outOfBounds) : nil }
        if time == lastTime { return value == lastValue ? .some(nil) : .some(.duplicate) }
        return time < acceptedFrom ? .some(.outOfBounds) : .some(.outOfOrder)
    }

    /// The same for a native histogram.
    func verdict(
        _ sample: StoredHistogram, at time: Int64, _ ref: SeriesRef, _ record: SeriesRecord, acceptedFrom: Int64
    ) -> SampleRejection?? {
        let isSame = record.hasHistogram && (histograms[ref]?.last.isSame(as: sample) ?? false)
        return Self.verdict(
            time, isSame ? 1 : 0, lastTime: record.chunk.lastTime, lastValue: 1, acceptedFrom: acceptedFrom)
    }

    /// Time and value of a series' last sample; nil for a dropped series.
    func last(_ ref: SeriesRef) -> (time: Int64, value: UInt64)? {
        table.record(ref).map { ($0.pointee.chunk.lastTime, $0.pointee.chunk.lastValueBits) }
    }

    /// Appends a sample from the log; false when it is not newer than those of its series. Samples before `floor` are too
    /// old.
    mutating func append(_ ref: SeriesRef, _ time: Int64, _ value: UInt64, floor: Int64) -> Bool {
        guard let record = table.record(ref), time >= floor, time > record.pointee.chunk.lastTime else { return false }
        openMemory += append(time, value, to: record, ref)
        count(1, from: time, to: time)
        return true
    }

    /// Appends samples of a batch whose series were found; gives the number taken. Where a series comes more than once
    /// the order within it decides, as it does when the log is replayed: `displaced` gets those that came behind a later one.
    mutating func append(_ samples: [Appender.Admitted], displaced: inout [Appender.Admitted]) -> Int {
        guard let some = samples.first else { return 0 }
        var taken = 0
        var repeated = 0
        var memory = 0
        var first = some.time
        var last = some.time
        for (index, sample) in samples.enumerated() {
            if index + 8 < samples.count { samples[index + 8].record.pointee.chunk.prefetchEnd() }
            let lastTime = sample.record.pointee.chunk.lastTime
            guard sample.time > lastTime else {
                if sample.time == lastTime, sample.value == sample.record.pointee.chunk.lastValueBits {
                    repeated += 1
                } else {
                    displaced.append(sample)
                }
                continue
            }
            memory += append(sample.time, sample.value, to: sample.record, sample.ref)
            first = min(first, sample.time)
            last = max(last, sample.time)
            taken += 1
        }
        openMemory += memory
        if taken > 0 { count(taken, from: first, to: last) }
        return taken + repeated
    }

    /// Appends a native histogram; false when it is not newer than the samples of its series. Samples before `floor` are
    /// too old.
    mutating func append(_ sample: StoredHistogram, at time: Int64, to ref: SeriesRef, floor: Int64) -> Bool {
        guard let record = table.record(ref), time >= floor, time > record.pointee.chunk.lastTime else { return false }
        if !record.pointee.chunk.isEmpty { close(&record.pointee, ref) }
        if record.pointee.hasHistogram {
            let before = histograms[ref]?.memory ?? 0
            let isDue = time >= Self.blockEnd(histograms[ref]?.firstTime ?? time)
            if let closed = histograms[ref]?.take(sample, at: time, isDue: isDue) ?? nil {
                close(closed, &record.pointee, ref)
            }
            openMemory += (histograms[ref]?.memory ?? 0) - before
        } else {
            let chunk = HistogramChunk.beginning(with: sample, at: time)
            openMemory += chunk.memory
            histograms[ref] = chunk
            record.pointee.hasHistogram = true
            // A float that follows finds that the chunk must be closed.
            record.pointee.cutTime = .min
        }
        record.pointee.chunk.note(time)
        count(1, from: time, to: time)
        return true
    }

    private mutating func count(_ samples: Int, from first: Int64, to last: Int64) {
        maxTime = max(maxTime, last)
        oldest = min(oldest, first)
        samplesAppended += samples
    }

    /// Appends a sample that is newer than all of its series, and gives by how much the memory grew.
    @inline(__always)
    private mutating func append(
        _ time: Int64, _ value: UInt64, to record: UnsafeMutablePointer<SeriesRecord>, _ ref: SeriesRef
    ) -> Int {
        let before = record.pointee.chunk.memory
        if time >= record.pointee.cutTime || record.pointee.chunk.isFull || record.pointee.chunk.isEmpty {
            close(&record.pointee, ref)
            record.pointee.cutTime = Self.blockEnd(time)
        }
        record.pointee.chunk.append(time, value)
        if Int(record.pointee.chunk.count) == OpenChunk.wantedSamples / 4 { Self.estimateCut(&record.pointee) }
        return record.pointee.chunk.memory - before
    }

    /// Closes the chunk that is being filled, if there is one.
    @inline(never)
    private mutating func close(_ record: inout SeriesRecord, _ ref: SeriesRef) {
        if !record.chunk.isEmpty {
            record.closed = arena.add(
                record.chunk.bytes, ChunkEncoding.xor, series: ref, first: record.chunk.firstTime,
                last: record.chunk.lastTime, previous: record.closed)
            record.chunk.reset()
        }
        if record.hasHistogram, let chunk = histograms.removeValue(forKey: ref) {
            openMemory -= chunk.memory
            close(chunk, &record, ref)
            record.hasHistogram = false
        }
    }

    /// Closes the chunks of those among `count` series from number `first` on that have fallen silent, and frees the memory
    /// that they were filled in: closed chunks lie in files. False behind the last series.
    mutating func closeSilent(from first: UInt32, count: UInt32) -> Bool {
        let end = min(UInt64(table.lastRef.raw) + 1, UInt64(first) + UInt64(count))
        for number in UInt64(first)..<max(UInt64(first), end) {
            let ref = SeriesRef(raw: UInt32(number))
            guard let record = table.record(ref), !record.pointee.chunk.isEmpty || record.pointee.hasHistogram else {
                continue
            }
            let (silence, overflow) = maxTime.subtractingReportingOverflow(record.pointee.chunk.lastTime)
            guard overflow || silence > record.pointee.chunk.patience else { continue }
            close(&record.pointee, ref)
            openMemory -= record.pointee.chunk.memory
            record.pointee.chunk.release()
        }
        return end <= UInt64(table.lastRef.raw)
    }

    private mutating func close(_ chunk: HistogramChunk, _ record: inout SeriesRecord, _ ref: SeriesRef) {
        chunk.bytes.withUnsafeBytes { bytes in
            record.closed = arena.add(
                bytes, chunk.encoding, series: ref, first: chunk.firstTime, last: chunk.lastTime,
                previous: record.closed)
        }
    }

    /// After a quarter of the wanted samples, spreads the rest of the block evenly over chunks of about that many,
    /// as Prometheus does.
    private static func estimateCut(_ record: inout SeriesRecord) {
        let start = record.chunk.firstTime
        let chunks = (record.cutTime - start) / ((record.chunk.lastTime - start + 1) * 4)
        if chunks > 1 { record.cutTime = start + (record.cutTime - start) / chunks }
    }

    /// The end of the cell of the blocks' grid that a time lies in.
    static func blockEnd(_ time: Int64) -> Int64 {
        let (quotient, remainder) = time.quotientAndRemainder(dividingBy: blockMs)
        let (end, overflow) = ((remainder < 0 ? quotient - 1 : quotient) + 1).multipliedReportingOverflow(by: blockMs)
        return overflow ? .max : end
    }
}
