import Durable
import Logging
import MartletCore

/// From memory into parts. What is in one is not needed in the record log any more.
extension TraceStore {
    var partDirectory: String { Self.partDirectory(of: directory) }

    static func partDirectory(of directory: String) -> String { FilePath.join(directory, "parts") }

    static let partFiles = SpanFiles(suffix: ".part")

    // MARK: Opening

    /// Opens the parts that are there, before the record log is replayed. A damaged one is put aside.
    func openParts() throws(TraceStoreError) {
        do {
            var spans: [SegmentSpan] = []
            for name in try fileSystem.list(partDirectory) {
                if let span = Self.partFiles.span(of: name) {
                    spans.append(span)
                } else if let span = Self.partFiles.damagedSpan(of: name) {
                    state.withLock { $0.damaged.append(span) }
                } else if name.hasSuffix(AtomicFile.temporarySuffix) {
                    try fileSystem.unlink(FilePath.join(partDirectory, name))
                }
            }
            for span in spans.sorted(by: { $0.first < $1.first }) { try open(span, among: spans) }
            try fileSystem.syncDirectory(partDirectory)
        } catch let error as DurableError {
            throw .log(error)
        } catch {
            throw .damaged("\(error)")
        }
        state.withLock { state in shareAmongParts(&state) }
    }

    private func open(_ span: SegmentSpan, among spans: [SegmentSpan]) throws {
        let path = FilePath.join(partDirectory, Self.partFiles.name(of: span))
        // A merge that was interrupted before it could remove what it had joined.
        if spans.contains(where: { $0.replaces(span) }) {
            return try fileSystem.unlink(path)
        }
        do {
            let file = try PartFile(path, on: fileSystem)
            state.withLock { $0.parts.append(StoredPart(file)) }
        } catch let error as PartDamage {
            logger.error(
                "a part of the trace store is damaged; it is put aside, and its spans are missing",
                metadata: ["file": "\(path)", "error": "\(error.reason)"])
            try fileSystem.rename(path, to: path + SpanFiles.damagedSuffix)
            state.withLock { $0.damaged.append(span) }
        }
    }

    /// Marks the traces that a part says to share with others in those others too.
    private func shareAmongParts(_ state: inout State) {
        for part in state.parts.indices {
            for number in state.parts[part].file.footer.shared {
                guard let id = try? state.parts[part].file.id(ofTrace: Int(number)) else { continue }
                let key = TraceKey(high: id.high, low: id.low)
                for other in state.parts.indices where other != part {
                    if let place = state.parts[other].trace(key) { state.parts[other].shared.insert(UInt32(place)) }
                }
            }
        }
    }

    // MARK: Writing

    /// Ends a generation that still grows, and writes what has ended to parts. A failure is kept and logged: the spans stay
    /// in memory and in the log, and it is tried again.
    ///
    /// - Parameter now: Unix nanoseconds.
    func endGeneration(of segment: Int, now: UInt64) {
        do throws(DurableError) {
            let isNewest = state.withLock { $0.newestSegment == segment }
            if isNewest {
                let next = try log.cut()
                state.withLock { $0.newestSegment = max($0.newestSegment, next) }
            }
        } catch {
            return note(error)
        }
        flush(now: now)
    }

    /// Writes all generations that have ended to parts; with tail sampling those that have had their time.
    ///
    /// - Parameter now: Unix nanoseconds.
    func flush(now: UInt64) {
        upkeep.withLock { _ in
            if isClosed { return }
            do {
                while try persistOldest(now: now) {}
                try removeOldSegments()
                state.withLock { $0.failure = nil }
            } catch let error as DurableError {
                note(error)
            } catch {
                logger.error("spans cannot be written to a part", metadata: ["error": "\(error)"])
            }
        }
    }

    private func note(_ error: DurableError) {
        let isNew = state.withLock { state in
            defer { state.failure = error }
            return state.failure == nil
        }
        if isNew {
            logger.error(
                "spans cannot be written to a part; they stay in memory and in the log", metadata: ["error": "\(error)"]
            )
        }
    }

    /// Writes the oldest generation that has ended to a part; whether there was one. Only with `upkeep` held.
    private func persistOldest(now: UInt64) throws -> Bool {
        let (generations, parts) = state.withLock { state -> ([Generation], [StoredPart]) in
            guard let oldest = state.generations.first, oldest.segment < state.newestSegment,
                state.appends.oldest.map({ $0 > oldest.segment }) ?? true, isDue(oldest, state, now: now)
            else { return ([], []) }
            // Only sampling wants to know of more than the oldest.
            return tail == nil ? ([oldest], []) : (state.generations, state.parts)
        }
        guard let candidate = generations.first else { return false }
        let omitted = omittedTraces(generations, parts, now: now)
        let isEmpty = !omitted.isEmpty && omitted.count == candidate.spans.traceCount
        let file = isEmpty ? nil : try write(candidate, omitting: omitted)
        state.withLock { state in
            guard let place = state.generations.firstIndex(where: { $0.segment == candidate.segment }) else { return }
            if let file {
                var part = StoredPart(file)
                // Newer generations may have found more traces of it since.
                for key in state.generations[place].spans.shared.keys {
                    if let number = part.trace(key) { part.shared.insert(UInt32(number)) }
                }
                state.parts.append(part)
            }
            state.generations.remove(at: place)
            charge(&state)
        }
        forgetChoice()
        return true
    }

    private func write(_ generation: Generation, omitting omitted: Set<TraceKey>) throws -> PartFile {
        var builder = PartBuilder(
            try PartWriter(
                directory: partDirectory, segments: SegmentSpan(first: generation.segment, last: generation.segment),
                firstArrival: generation.firstArrival, lastArrival: generation.lastArrival, on: fileSystem),
            rowsPerGroup: options.rowsPerPart)
        return try generation.write(&builder, omitting: omitted) { high, low in
            generation.spans.shared[TraceKey(high: high, low: low)] != nil
        }
    }

    /// Removes the segments of the log that neither memory nor an append under way needs.
    private func removeOldSegments() throws(DurableError) {
        let needed = state.withLock { state in
            min(state.generations.first?.segment ?? state.newestSegment, state.appends.oldest ?? state.newestSegment)
        }
        try log.truncate(before: needed)
    }

    // MARK: Upkeep

    /// Writes what has been in memory for long to a part, merges parts, lets go what is too old or too much; to be called
    /// now and then.
    ///
    /// - Parameter now: Unix nanoseconds.
    package func maintain(now: UInt64) {
        if isClosed { return }
        let age = UInt64(options.flushSeconds) * 1_000_000_000
        let due = state.withLock { state -> Int? in
            guard let newest = state.generations.last, newest.segment == state.newestSegment else { return nil }
            return now >= newest.firstArrival.addingReportingOverflow(age).partialValue ? newest.segment : nil
        }
        if let due { endGeneration(of: due, now: now) } else { flush(now: now) }
        verifyParts()
        merge()
        retain(now: now)
    }

    /// Finds and reports parts that somebody has cut: queries notice that only where they read what is missing.
    private func verifyParts() {
        for file in state.withLock({ $0.parts.map(\.file) }) {
            do throws(PartDamage) { try file.verifySize() } catch { failures.reportCut(error, file) }
        }
    }

    /// Lets go the parts that are too old, or the oldest ones when there is too much, and says so.
    private func retain(now: UInt64) {
        let oldest = options.oldestArrival(now: now)
        let gone = state.withLock { state -> [PartFile] in
            var gone: [PartFile] = []
            while let first = state.parts.first?.file {
                let isTooMuch = options.retentionBytes > 0 && state.partBytes > Int64(options.retentionBytes)
                guard first.footer.lastArrival < oldest || isTooMuch else { break }
                state.expired += first.footer.rows
                gone.append(first)
                state.parts.removeFirst()
            }
            return gone
        }
        if gone.isEmpty { return }
        remove(gone)
        logger.notice(
            "oldest spans went: older than the retention or over its size",
            metadata: [
                "spans": "\(gone.reduce(0) { $0 + $1.footer.rows })", "parts": "\(gone.count)",
                "retention_seconds": "\(options.retentionSeconds)", "retention_bytes": "\(options.retentionBytes)",
                "directory": "\(directory)",
            ])
    }

    /// Removes files that are not needed any more. Queries that hold one go on reading it. Once the store is closed they stay,
    /// and the next start finds what is to become of them.
    func remove(_ files: [PartFile]) {
        upkeep.withLock { _ in
            for file in files { cache.forget(file) }
            if isClosed { return }
            for file in files {
                do throws(DurableError) {
                    try fileSystem.unlink(file.path)
                } catch {
                    logger.error("an old part of the trace store stays on disk", metadata: ["error": "\(error)"])
                }
            }
            try? fileSystem.syncDirectory(partDirectory)
        }
    }

    // MARK: Merging

    /// Merges runs of neighbouring parts of a like size, as long as there are any.
    private func merge() {
        merging.withLock { _ in
            while !isClosed {
                let (parts, unmergeable, damaged) = state.withLock { ($0.parts, $0.unmergeable, $0.damaged) }
                let policy = MergePolicy(
                    width: options.mergeWidth, largest: options.largestPart, longest: options.longestPart)
                guard let run = policy.choose(from: parts.map(\.file), except: unmergeable, around: damaged) else {
                    return
                }
                do {
                    try merge(Array(parts[run]))
                } catch let error as DurableError {
                    return note(error)
                } catch {
                    logger.warning(
                        "parts of the trace store cannot be merged, since something is damaged; they are left as they are",
                        metadata: [
                            "files": "\(parts[run].map(\.file.path))", "error": "\(error)",
                        ])
                    state.withLock { $0.unmergeable.formUnion(parts[run].map(\.file.segments)) }
                }
            }
        }
    }

    private func merge(_ inputs: [StoredPart]) throws {
        guard let first = inputs.first, let last = inputs.last else { return }
        let files = inputs.map(\.file)
        let names = Set(files.map(\.segments))
        let (others, generations) = state.withLock { state in
            (state.parts.filter { !names.contains($0.file.segments) }, state.generations)
        }
        var builder = PartBuilder(
            try PartWriter(
                directory: partDirectory,
                segments: SegmentSpan(first: first.file.segments.first, last: last.file.segments.last),
                firstArrival: files.map(\.footer.firstArrival).min() ?? 0,
                lastArrival: files.map(\.footer.lastArrival).max() ?? 0, level: 3, on: fileSystem),
            rowsPerGroup: options.rowsPerPart)
        var merge = try PartMerge(files, shared: inputs.map(\.shared), limits: options.attributes)
        let candidates = try sharedTraces(inputs)
        let merged = try merge.write(&builder) { high, low in
            let key = TraceKey(high: high, low: low)
            guard candidates.contains(key) else { return false }
            return options.partsMayLeave || others.contains { $0.trace(key) != nil }
                || generations.contains { $0.spans.contains(high: high, low: low) }
        }
        guard replace(names, by: merged) else {
            // Retention has taken one meanwhile. Then the others go on as they are.
            return try fileSystem.unlink(merged.path)
        }
        remove(files)
    }

    private func sharedTraces(_ parts: [StoredPart]) throws -> Set<TraceKey> {
        var keys: Set<TraceKey> = []
        for part in parts {
            for number in part.shared {
                let id = try part.file.id(ofTrace: Int(number))
                keys.insert(TraceKey(high: id.high, low: id.low))
            }
        }
        return keys
    }

    /// Puts a part in the place of those that it holds; false when one of them is gone.
    private func replace(_ names: Set<SegmentSpan>, by file: PartFile) -> Bool {
        state.withLock { state in
            let places = state.parts.indices.filter { names.contains(state.parts[$0].file.segments) }
            guard places.count == names.count, let place = places.first else { return false }
            var merged = StoredPart(file)
            // Appends may have marked traces meanwhile.
            for part in places {
                for number in state.parts[part].shared {
                    guard let id = try? state.parts[part].file.id(ofTrace: Int(number)) else { continue }
                    let key = TraceKey(high: id.high, low: id.low)
                    let isElsewhere =
                        options.partsMayLeave
                        || state.generations.contains { $0.spans.contains(high: id.high, low: id.low) }
                        || state.parts.contains { !names.contains($0.file.segments) && $0.trace(key) != nil }
                    if isElsewhere, let own = merged.trace(key) { merged.shared.insert(UInt32(own)) }
                }
            }
            state.parts.removeAll { names.contains($0.file.segments) }
            state.parts.insert(merged, at: place)
            return true
        }
    }
}
