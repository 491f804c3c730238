import Durable
import Glibc
import LogQL
import Logging
import MartletCore

/// From memory into segment files. What is in one is not needed in the record log any more.
extension TenantLogs {
    var segmentDirectory: String { Self.segmentDirectory(of: directory) }

    static func segmentDirectory(of directory: String) -> String { FilePath.join(directory, "segments") }

    static let segmentFiles = SpanFiles(suffix: ".seg")

    // MARK: Opening

    /// Opens the files that are there, before the record log is replayed. A damaged one is put aside.
    func openSegments() throws {
        var spans: [SegmentSpan] = []
        for name in try fileSystem.list(segmentDirectory) {
            if let span = Self.segmentFiles.span(of: name) {
                spans.append(span)
            } else if let span = Self.segmentFiles.damagedSpan(of: name) {
                state.withLock { $0.damaged.append(span) }
            } else if name.hasSuffix(AtomicFile.temporarySuffix) {
                try fileSystem.unlink(FilePath.join(segmentDirectory, name))
            }
        }
        for span in spans {
            let path = FilePath.join(segmentDirectory, Self.segmentFiles.name(of: span))
            // A merge that was interrupted before it could remove what it had joined.
            if spans.contains(where: { $0.replaces(span) }) {
                try fileSystem.unlink(path)
                continue
            }
            do {
                try adopt(try SegmentFile(path, in: files, memory: directories))
            } catch let error as DurableError where error.code != .corrupt && error.errno != EIO {
                // Nobody knows whether it is damaged: it may be another user's, or too many files are open.
                throw error
            } catch {
                logger.error(
                    "a log segment file is damaged; it is put aside, and its lines are missing",
                    metadata: ["tenant": "\(tenant)", "file": "\(path)", "error": "\(error)"])
                try fileSystem.rename(path, to: path + SpanFiles.damagedSuffix)
                state.withLock { $0.damaged.append(span) }
            }
        }
        try fileSystem.syncDirectory(segmentDirectory)
    }

    private func adopt(_ file: SegmentFile) throws {
        let parts = try file.directory.parts()
        let due = try SegmentDue(file, options.retention)
        try state.withLock { (state: inout State) throws in
            var numbers: [Int] = []
            for part in parts {
                let number = try part.labels.bytes.withUnsafeBytes { try state.registry.number(of: $0) }
                numbers.append(number)
                index(number, part.blocks, &state)
            }
            let generation = Generation(file, streams: numbers, due: due)
            let place = state.generations.firstIndex { $0.segment > generation.segment } ?? state.generations.count
            state.generations.insert(generation, at: place)
            state.newestSegment = max(state.newestSegment, file.span.last + 1)
            account(generation.memoryBytes)
            accountRegistry(&state)
        }
    }

    /// Has the index note the days of a stream's blocks.
    private func index(_ stream: Int, _ blocks: [LogBlock], _ state: inout State) {
        for block in blocks {
            let days = indexedDays.clamped(to: block.minTime.flooredDay...block.maxTime.flooredDay)
            guard indexedDays.contains(block.minTime.flooredDay) || indexedDays.contains(block.maxTime.flooredDay)
            else { continue }
            for day in days where state.indexed[day, default: []].insert(stream).inserted {
                state.unindexed[day, default: []].append(stream)
            }
        }
    }

    // MARK: Writing

    /// Writes the oldest generation that has ended and is in memory to a file; whether there was one. Only with `upkeep`
    /// held.
    func persistOldest() throws -> Bool {
        guard let segment = state.withLock(\.settled) else { return false }
        try sealHeads(of: segment)
        let candidate = state.withLock { state in state.place(of: segment).map { state.generations[$0] } }
        guard let candidate, candidate.parts.allSatisfy(\.head.isEmpty) else { return false }
        if candidate.parts.isEmpty {
            state.withLock { state in state.generations.removeAll { $0.file == nil && $0.segment == candidate.segment }
            }
            account(-candidate.memoryBytes)
            return true
        }
        let parts = zip(candidate.parts, streams(candidate.streams)).map { part, stream in
            (labels: stream.labels, blocks: part.blocks.sorted { $0.minTime < $1.minTime })
        }
        var writer = try SegmentWriter(
            directory: segmentDirectory, span: candidate.span, firstAppend: candidate.firstAppend,
            lastAppend: candidate.lastAppend, on: fileSystem, in: files, memory: directories)
        do {
            for part in parts.sorted(by: { $0.labels < $1.labels }) { try writer.add(part.labels, part.blocks) }
        } catch {
            writer.discard()
            throw error
        }
        let file = try writer.publish()
        do {
            // The index knows every stream before the record log forgets it.
            try flushIndex(adding: file)
            try replace([candidate.span], by: file)
        } catch {
            // The generation goes on in memory: the file must not stand for it at the next start.
            try? remove(file)
            throw error
        }
        return true
    }

    /// Puts a file in the place of the generations that it holds. Only with `upkeep` held: their streams keep their numbers.
    private func replace(_ spans: [SegmentSpan], by file: SegmentFile) throws {
        let due = try SegmentDue(file, options.retention)
        let numbers = try inTurns(try file.directory.parts()) { part, state in
            try part.labels.bytes.withUnsafeBytes { try state.registry.number(of: $0) }
        }
        let generation = Generation(file, streams: numbers, due: due)
        // What goes is given back when the state is free again: it may be very much.
        _ = state.withLock { state in
            let old = state.generations.filter { spans.contains($0.span) }
            let change = old.reduce(generation.memoryBytes) { $0 - $1.memoryBytes }
            state.generations.removeAll { spans.contains($0.span) }
            let place = state.generations.firstIndex { $0.segment > generation.segment } ?? state.generations.count
            state.generations.insert(generation, at: place)
            state.hasOldSegments = true
            account(change)
            accountRegistry(&state)
            return old
        }
    }

    // MARK: Merging

    /// The generations that are files, in their places; those in memory are not held, so that they grow undisturbed.
    private var filed: (generations: [Generation?], unmergeable: Set<SegmentSpan>) {
        state.withLock { state in
            (state.generations.map { $0.file == nil ? nil : $0 }, state.unmergeable)
        }
    }

    /// Joins neighbouring files whose blocks are small, one run of them; whether there was one.
    func mergeSegments() throws -> Bool {
        let (generations, unmergeable) = filed
        let now = clock()
        let damaged = state.withLock(\.damaged)
        guard let run = SegmentMerge.choose(from: generations, except: unmergeable, around: damaged, now: now) else {
            return false
        }
        let files = run.compactMap { generations[$0]?.file }
        return try rewrite(files, without: LineTrim(options.retention, now: now)) != .unchanged
    }

    /// Writes one file again that has lines that are past their retention, without them; whether there was one.
    func trimSegments() throws -> Bool {
        let (generations, unmergeable) = filed
        let now = clock()
        let due = generations.first { generation in
            guard let generation, let due = generation.due else { return false }
            return due.trimming < LogRetention.nanoseconds(now) && !unmergeable.contains(generation.span)
        }
        guard let file = due??.file else { return false }
        return try rewrite([file], without: LineTrim(options.retention, now: now)) != .unchanged
    }

    /// Removes deleted lines from the disk, some files at a time. False when lines that had come before may still be there:
    /// then it is to be called again. Never at the same time as `maintain`.
    func purge(_ deletions: [LogDeletion]) throws -> Bool {
        var purge: Purge
        if let begun = purging.withLock({ $0 }), begun.deletions == deletions {
            purge = begun
        } else {
            purge = try begin(deletions)
        }
        // A push under way may hold it up, not each one that comes later.
        purging.withLock { [purge] in $0 = purge }
        guard try isInFiles(before: purge.bound) else { return false }
        var (isWhole, bytes) = (true, 0)
        for generation in filed.generations {
            guard let file = generation?.file, !purge.looked.contains(file.span),
                try file.isConcerned(by: deletions)
            else { continue }
            guard !purge.damaged.contains(file.span), bytes < Self.purgedAtOnce else {
                isWhole = false
                continue
            }
            bytes += file.rawBytes
            let trim = try LineTrim(options.retention, now: clock(), deletions: deletions)
            switch try rewrite([file], without: trim) {
            case .done: purge.looked.insert(file.span.revised)
            case .unchanged: purge.looked.insert(file.span)
            case .damaged:
                purge.damaged.insert(file.span)
                isWhole = false
            }
        }
        purging.withLock { [purge] in $0 = isWhole ? nil : purge }
        return isWhole
    }

    /// Bytes of lines after which a purge lets others go on.
    private static let purgedAtOnce = 512 << 20

    private func begin(_ deletions: [LogDeletion]) throws -> Purge {
        try withUpkeep {
            let isHolding = state.withLock { $0.generations.contains { $0.file == nil && !$0.isVacant } }
            if isHolding { try endGeneration() }
            return Purge(deletions: deletions, bound: state.withLock(\.newestSegment))
        }
    }

    /// Puts lines of segments before `bound` into files: from the record log a deleted line would come back. False when that
    /// cannot be, or not yet.
    private func isInFiles(before bound: Int) throws -> Bool {
        try withUpkeep {
            while try persistOldest() {}
            try dropSegments()
        }
        let isInFiles = state.withLock { state in
            state.generations.allSatisfy { $0.file != nil || $0.isVacant || $0.segment >= bound }
        }
        return try isInFiles && log.segments().allSatisfy { $0 >= bound }
    }

    private enum Rewriting {
        case done
        /// There was nothing to do.
        case unchanged
        /// A block cannot be read; the files stay.
        case damaged
    }

    /// Writes neighbouring files, or a single one, as one without some lines. Reading and writing happen without `upkeep`:
    /// what is merged is immutable.
    private func rewrite(_ files: [SegmentFile], without trim: LineTrim) throws -> Rewriting {
        try rewriting.withLock { _ in
            state.withLock(\.isClosed) ? .unchanged : try writeAnew(files, without: trim)
        }
    }

    private func writeAnew(_ files: [SegmentFile], without trim: LineTrim) throws -> Rewriting {
        let outcome: SegmentMerge.Outcome
        do {
            outcome = try SegmentMerge(files, targetBytes: options.blockBytes).write(
                to: segmentDirectory, without: trim, on: fileSystem, in: self.files,
                memory: directories)
        } catch let error as DurableError {
            throw error
        } catch {
            logger.error(
                "log segment files cannot be merged, since a block is damaged; they are left as they are",
                metadata: ["tenant": "\(tenant)", "files": "\(files.map(\.path))", "error": "\(error)"])
            state.withLock { $0.unmergeable.formUnion(files.map(\.span)) }
            return .damaged
        }
        let merged: SegmentFile?
        switch outcome {
        case .unchanged: return .unchanged
        case .emptied: merged = nil
        case .written(let file): merged = file
        }
        do {
            try upkeep.withLock { _ in try exchange(files, for: merged) }
        } catch {
            // Where it has not taken their place, it must not do so at the next start: they go on without it.
            if let merged, state.withLock({ $0.generations.allSatisfy { $0.span != merged.span } }) {
                try? remove(merged)
            }
            throw error
        }
        return .done
    }

    /// Puts a file in the place of those that it was made of, or nothing where none of their lines is left.
    private func exchange(_ files: [SegmentFile], for merged: SegmentFile?) throws {
        let spans = files.map(\.span)
        let areThere = state.withLock { state in
            spans.allSatisfy { span in state.generations.contains { $0.span == span && $0.file != nil } }
        }
        // Retention may have taken one meanwhile. Then the others go on as they are.
        guard areThere else {
            if let merged { try remove(merged) }
            return
        }
        // The record log must not give back what is left out here.
        try dropSegments()
        try flushIndex(adding: merged, removing: files)
        if let merged { try replace(spans, by: merged) }
        for file in files { try remove(file) }
        if merged == nil {
            gone.note(files.map(Self.span), tenant: tenant)
            forget(spans)
        }
        try fileSystem.syncDirectory(segmentDirectory)
    }

    /// Lets go generations of which no line is left.
    private func forget(_ spans: [SegmentSpan]) {
        state.withLock { state in
            for gone in state.generations where spans.contains(gone.span) { account(-gone.memoryBytes) }
            state.generations.removeAll { spans.contains($0.span) }
            state.forgetStreams()
            accountRegistry(&state)
        }
    }

    /// Removes a file's name; queries that hold it read on.
    func remove(_ file: SegmentFile) throws {
        // Where it cannot be opened, a query that reads it says so.
        try? (file.data as? PooledFile)?.keepOpen()
        do throws(DurableError) {
            try fileSystem.unlink(file.path)
        } catch {
            // An attempt before this one may have failed behind it.
            guard error.code == .notFound else { throw error }
        }
    }
}
