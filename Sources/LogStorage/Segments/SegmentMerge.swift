import Durable
import MartletCore

/// Joins segment files that follow each other: every stream's blocks come together, and small ones become large.
struct SegmentMerge {
    /// More files than this are not joined at once, and fewer than four are not worth it.
    private static let files = 4...16
    /// A merged file holds about this many bytes of lines at most.
    private static let maxRawBytes = 256 << 20
    /// Small files of a tenant from which on days are joined.
    private static let mostSmall = 1024
    private static let secondsPerDay: Int64 = 86_400
    /// Blocks of this share of their target size are left alone.
    private static let largeEnough = 0.5
    /// Blocks that overlap in time are joined up to so many targets' size, which bounds the memory that it takes.
    private static let mostTargets = 16

    private let files: [SegmentFile]
    private let targetBytes: Int

    /// `targetBytes` of lines make a block.
    init(_ files: [SegmentFile], targetBytes: Int) {
        self.files = files
        self.targetBytes = targetBytes
    }

    /// The first run of neighbouring generations that should be joined; nil stands for one that is not in a file. Files
    /// are joined within a day, so that retention takes them whole: what is left of a day when it is over, and only where
    /// very many small ones come together (times of lines that jump from day to day), those of several days. None stands for
    /// the segments of a damaged file between them, too: a copy elsewhere may be sound, and would count as replaced.
    static func choose(
        from generations: [Generation?], except unmergeable: Set<SegmentSpan>, around damaged: [SegmentSpan] = [],
        now: Int64
    ) -> Range<Int>? {
        func run(_ isFound: (Range<Int>, _ isOver: Bool) -> Bool, byDay: Bool) -> Range<Int>? {
            var start = 0
            var bytes = 0
            var days: (ofLines: Int64, ofAppend: Int64)?
            func found(_ end: Int) -> Range<Int>? {
                let isOver = days.map { $0.ofAppend < now.floored(by: secondsPerDay) } ?? false
                return start < end && isFound(start..<end, isOver) ? start..<end : nil
            }
            for (place, generation) in generations.enumerated() {
                guard let generation, let file = generation.file, isSmall(generation),
                    !unmergeable.contains(generation.span)
                else {
                    if let found = found(place) { return found }
                    (start, bytes, days) = (place + 1, 0, nil)
                    continue
                }
                let isOtherDay = byDay && days.map { $0.ofLines != file.day } ?? false
                let isApart = start < place && isAny(of: damaged, between: generations[place - 1], and: generation)
                if isOtherDay || isApart || bytes + generation.rawBytes > maxRawBytes
                    || place - start == files.upperBound
                {
                    if let found = found(place) { return found }
                    (start, bytes, days) = (place, 0, nil)
                }
                bytes += generation.rawBytes
                days = (file.day, max(days?.ofAppend ?? .min, file.lastAppend.floored(by: secondsPerDay)))
            }
            return found(generations.count)
        }
        if let found = run({ $0.count >= ($1 ? 2 : files.lowerBound) }, byDay: true) { return found }
        guard generations.count >= mostSmall else { return nil }
        let small = generations.count { $0.map { $0.file != nil && isSmall($0) } ?? false }
        return small < mostSmall ? nil : run({ run, _ in run.count >= files.lowerBound }, byDay: false)
    }

    private static func isAny(of damaged: [SegmentSpan], between first: Generation?, and second: Generation) -> Bool {
        guard let first else { return false }
        return damaged.contains { $0.first > first.span.last && $0.last < second.span.first }
    }

    /// Whether joining it with others makes its blocks larger or its files fewer by much.
    private static func isSmall(_ generation: Generation) -> Bool {
        guard generation.rawBytes < maxRawBytes / 2 else { return false }
        let blocks = generation.file?.blockCount ?? 0
        return generation.rawBytes < 16 << 20 || generation.rawBytes < blocks * (128 << 10)
    }

    /// What writing has led to.
    enum Outcome {
        case written(SegmentFile)
        /// No line is left.
        case emptied
        /// A single file stays as it is.
        case unchanged
    }

    /// Writes the joined file without the lines that `trim` leaves out.
    func write(
        to directory: String, without trim: LineTrim, on fileSystem: any FileSystem, in pool: FilePool,
        memory: DirectoryMemory
    ) throws -> Outcome {
        var trim = trim
        let span =
            files.count == 1
            ? files[0].span.revised
            : SegmentSpan(first: files.map(\.span.first).min() ?? 0, last: files.map(\.span.last).max() ?? 0)
        let parts = try files.map { try $0.directory.parts() }
        var writer = try SegmentWriter(
            directory: directory, span: span, firstAppend: files.map(\.firstAppend).min() ?? 0,
            lastAppend: files.map(\.lastAppend).max() ?? 0, on: fileSystem, in: pool, memory: memory)
        do {
            // Streams lie in the order of their labels in every file: one pass over all of them.
            var next = [Int](repeating: 0, count: files.count)
            while let labels = Self.smallest(parts, next) {
                var blocks: [LogBlock] = []
                for place in files.indices {
                    while next[place] < parts[place].count, parts[place][next[place]].labels == labels {
                        blocks += parts[place][next[place]].blocks
                        next[place] += 1
                    }
                }
                blocks = try trim.apply(to: blocks, of: labels)
                if !blocks.isEmpty { try writer.add(labels, try joined(blocks)) }
            }
        } catch {
            writer.discard()
            throw error
        }
        if files.count == 1, trim.leftOut == 0 {
            writer.discard()
            return .unchanged
        }
        guard !writer.isEmpty else {
            writer.discard()
            return .emptied
        }
        return .written(try writer.publish())
    }

    private static func smallest(_ parts: [[SegmentFile.Part]], _ next: [Int]) -> Labels? {
        parts.indices.compactMap { place in
            next[place] < parts[place].count ? parts[place][next[place]].labels : nil
        }.min()
    }

    /// The blocks of one stream, by time: large ones as they are, what overlaps or is small joined.
    private func joined(_ blocks: [LogBlock]) throws -> [LogBlock] {
        var result: [LogBlock] = []
        var pending: [LogBlock] = []
        var bytes = 0
        var end = Int64.min
        for block in blocks.sorted(by: { $0.minTime < $1.minTime }) {
            let overlaps = !pending.isEmpty && block.minTime <= end
            let isFull = bytes >= targetBytes || isLarge(block) && isLargeAlone(pending)
            if !overlaps && isFull || bytes >= Self.mostTargets * targetBytes {
                result += try join(pending)
                pending = []
                bytes = 0
            }
            pending.append(block)
            bytes += block.rawBytes + 2 * block.count
            end = max(end, block.maxTime)
        }
        return result + (try join(pending))
    }

    private func isLarge(_ block: LogBlock) -> Bool { Double(block.rawBytes) >= Double(targetBytes) * Self.largeEnough }

    private func isLargeAlone(_ blocks: [LogBlock]) -> Bool { blocks.count == 1 && isLarge(blocks[0]) }

    /// One block of several; blocks of several targets' size when they are that much.
    private func join(_ blocks: [LogBlock]) throws -> [LogBlock] {
        guard blocks.count > 1 else { return blocks }
        var all = LogColumns()
        for block in blocks { all.append(try block.decode(), in: .min ... .max) }
        return try all.normalized().split(bytes: 2 * targetBytes).map { try LogBlock($0) }
    }
}
