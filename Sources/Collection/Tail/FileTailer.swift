/// Follows all files of one target: finds new ones, keeps to each through renames, and gives up those that are gone.
///
/// Files are told apart by device and inode, so a rotation within the pattern is only a new name. A file that has lost
/// its last matching name is drained first, since its writer may go on until it reopens.
package struct FileTailer<Processor: LineProcessor>: Sendable {
    private let include: [GlobPattern]
    private let exclude: [GlobPattern]
    private let options: TailOptions
    private let makeProcessor: @Sendable (_ path: String) -> Processor?
    private var tails: [FileIdentity: Tail] = [:]
    private var refused: Set<String> = []
    /// The file at which the last look ended because it had read its share.
    private var lastTurn: FileIdentity?
    private var lastExpansion: Int64?
    private var paths: [String] = []

    /// Files beyond `options.fileLimit` at the last look.
    package private(set) var filesOverLimit = 0
    /// Files that match and could not be opened at the last look.
    package private(set) var unopened: [String] = []
    /// Bytes and lines read, lines cut at the limit and truncations seen since the start.
    package private(set) var totals = TailTotals()

    private struct Tail: Sendable {
        var file: TailedFile
        var processor: Processor
        /// Set when no path of the pattern leads to the file any more.
        var orphanedSince: Int64?
    }

    /// `makeProcessor` gives each newly found file what its lines go through, or nil when the file is not wanted.
    package init(
        include: [GlobPattern], exclude: [GlobPattern], options: TailOptions = TailOptions(),
        makeProcessor: @escaping @Sendable (_ path: String) -> Processor?
    ) {
        self.include = include
        self.exclude = exclude
        self.options = options
        self.makeProcessor = makeProcessor
    }

    /// How many files are open.
    package var activeFiles: Int { tails.count }

    /// Bytes of open files that have not been read.
    package var lagBytes: UInt64 { tails.values.reduce(0) { $0 + $1.file.lag } }

    /// One look at all files: lines go through their file's processor into `output`. Returns true when there may be more
    /// to read at once. Blocks on the disk; `now` is a monotonic clock in milliseconds.
    package mutating func poll(
        now: Int64, lists: some PathLister, saved: (FileIdentity) -> FilePosition?,
        into output: inout [Processor.Output]
    ) -> Bool {
        if lastExpansion.map({ now - $0 >= options.expandMilliseconds }) ?? true {
            lastExpansion = now
            expand(lists)
        }
        var named: [FileIdentity: String] = [:]
        for path in paths {
            if let identity = OpenFile.identity(at: path) { named[identity] = path }
        }
        open(named, saved)
        var more = false
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: options.readBytes, alignment: 16)
        defer { buffer.deallocate() }
        let before = totals.bytes
        for identity in turns() {
            if readOn(identity, named[identity], now: now, buffer, into: &output) { more = true }
            lastTurn = identity
            if totals.bytes - before >= UInt64(options.roundBytes) { return true }
        }
        lastTurn = nil
        return more
    }

    /// All files in the order in which they have their turn: those behind the last one first.
    private func turns() -> [FileIdentity] {
        let all = tails.keys.sorted()
        guard let lastTurn, let next = all.firstIndex(where: { lastTurn < $0 }) else { return all }
        return Array(all[next...] + all[..<next])
    }

    /// Where each file stands: everything before has gone through its processor and into `output`.
    package func positions() -> [FilePosition] {
        tails.values.map { tail in
            FilePosition(
                identity: tail.file.identity, fingerprint: tail.file.fingerprint,
                offset: min(tail.processor.heldSince ?? .max, tail.file.lineStart), path: tail.file.path)
        }
    }

    // MARK: -

    private mutating func expand(_ lists: some PathLister) {
        var found: Set<String> = []
        for pattern in include { found.formUnion(pattern.expand(on: lists)) }
        paths = found.filter { path in !exclude.contains { $0.matches(path) } }.sorted()
        refused.formIntersection(paths)
    }

    private mutating func open(_ named: [FileIdentity: String], _ saved: (FileIdentity) -> FilePosition?) {
        filesOverLimit = 0
        unopened = []
        for (identity, path) in named.sorted(by: { $0.value < $1.value }) {
            if tails[identity] != nil || refused.contains(path) { continue }
            if tails.count >= options.fileLimit {
                filesOverLimit += 1
                continue
            }
            guard let file = OpenFile(path: path) else {
                unopened.append(path)
                continue
            }
            guard let processor = makeProcessor(path) else {
                refused.insert(path)
                continue
            }
            tails[file.identity] = Tail(
                file: TailedFile(
                    file: file, path: path, saved: saved(file.identity), lineLimit: options.lineLimit),
                processor: processor)
        }
    }

    private mutating func readOn(
        _ identity: FileIdentity, _ path: String?, now: Int64, _ buffer: UnsafeMutableRawBufferPointer,
        into output: inout [Processor.Output]
    ) -> Bool {
        guard var tail = tails[identity] else { return false }
        // The entry is taken out while it changes, so that its arrays are not copied.
        tails[identity] = nil
        if let path {
            tail.orphanedSince = nil
            if path != tail.file.path {
                tail.file.path = path
                tail.processor.renamed(to: path)
            }
        } else if tail.orphanedSince == nil {
            tail.orphanedSince = now
        }
        var start = tail.file.lineStart
        var totals = totals
        var processor = tail.processor
        let progress = tail.file.advance(buffer) { line, end, cut in
            totals.lines += 1
            if cut { totals.linesCut += 1 }
            processor.process(line, at: start, into: &output)
            start = end
        }
        switch progress {
        case .read(let bytes):
            totals.bytes += UInt64(bytes)
            if tail.orphanedSince != nil { tail.orphanedSince = now }
        case .truncated: totals.truncations += 1
        case .idle, .failed: break
        }
        processor.tick(into: &output)
        self.totals = totals
        let orphanAge = tail.orphanedSince.map { now - $0 } ?? 0
        if progress == .failed || (progress == .idle && orphanAge >= options.drainMilliseconds) {
            let last = tail.file.lineStart
            tail.file.flush { line, _, _ in processor.process(line, at: last, into: &output) }
            processor.finish(into: &output)
            return false
        }
        tail.processor = processor
        tails[identity] = tail
        return progress != .idle
    }
}
