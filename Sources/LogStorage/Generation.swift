import Durable
import MartletCore

/// What one segment of the record log held: in memory at first, then in a segment file, which may join several.
struct Generation: Sendable {
    /// One stream's entries: sealed blocks, then the head that still grows.
    struct Part: Sendable {
        let stream: Int
        var blocks: [LogBlock] = []
        var head = LogColumns()
    }

    /// A copy of a part's head.
    struct Head: Sendable {
        let part: Int
        let columns: LogColumns
    }

    /// The segments of the record log.
    let span: SegmentSpan
    /// The file that holds all of it; nil as long as memory and the record log do.
    let file: SegmentFile?
    /// When retention has to look after the file.
    let due: SegmentDue?
    /// Unix seconds of the last append: what retention counts from.
    var lastAppend: Int64
    /// Unix seconds of the first append.
    let firstAppend: Int64
    /// By stream; none of a file, whose directory has them.
    private(set) var parts: [Part] = []
    /// The numbers of a file's streams, in the order of its directory.
    let fileStreams: [UInt32]
    /// Stream → index in `parts`.
    private var places: [Int: Int] = [:]
    /// Bytes of lines and metadata as received.
    private(set) var rawBytes = 0
    /// Bytes of memory held by blocks and heads, about.
    private(set) var memoryBytes = 0
    /// Records of the segment that this version cannot read. They stay on disk as long as the generation lives.
    var unreadable = 0
    /// Held by whoever seals its heads. No other generation has it, not even a later one of the same segment.
    let sealing = Lock(())

    init(segment: Int, now: Int64) {
        span = SegmentSpan(first: segment, last: segment)
        file = nil
        fileStreams = []
        due = nil
        firstAppend = now
        lastAppend = now
    }

    /// What a segment file holds; `streams` are the numbers of its streams.
    init(_ file: SegmentFile, streams: [Int], due: SegmentDue) {
        self.file = file
        self.due = due
        span = file.span
        firstAppend = file.firstAppend
        lastAppend = file.lastAppend
        fileStreams = streams.map { UInt32(truncatingIfNeeded: $0) }
        rawBytes = file.rawBytes
        memoryBytes = 512 + 4 * streams.count
    }

    /// The numbers of all streams that have lines in it.
    var streams: [Int] { file == nil ? parts.map(\.stream) : fileStreams.map { Int($0) } }

    /// The segment of the record log, or the first of several.
    var segment: Int { span.first }

    /// The place of a stream's part, made when missing.
    mutating func addPart(of stream: Int) -> Int {
        if let place = places[stream] { return place }
        places[stream] = parts.count
        parts.append(Part(stream: stream))
        return parts.count - 1
    }

    /// Takes a part's head out, or puts it back: a head that is held directly grows without a look at what holds it.
    mutating func exchangeHead(_ place: Int, with head: inout LogColumns) { swap(&parts[place].head, &head) }

    /// Notes bytes of lines and metadata that were added.
    mutating func noteRaw(_ bytes: Int) { rawBytes += bytes }

    /// Whether none of its lines is kept any longer. `longest` is the longest time that lines are kept, in seconds.
    func isPast(longest: Int64, now: Int64) -> Bool {
        if let due { return due.removal < LogRetention.nanoseconds(now) }
        return now - lastAppend > longest
    }

    /// Whether neither memory nor disk holds anything of it.
    var isVacant: Bool { file == nil && parts.isEmpty && unreadable == 0 }

    /// Recounts one part's memory before and after a change of it.
    mutating func accounting(_ place: Int, _ body: (inout Generation) throws -> Void) rethrows -> Int {
        let before = parts[place].head.memoryBytes + parts[place].blocks.reduce(0) { $0 + $1.memoryBytes }
        try body(&self)
        let after = parts[place].head.memoryBytes + parts[place].blocks.reduce(0) { $0 + $1.memoryBytes }
        memoryBytes += after - before
        return after - before
    }

    /// What a stream has in a range of time.
    func pieces(at place: Int, _ range: ClosedRange<Int64>, _ found: (LogPiece) -> Void) {
        for block in parts[place].blocks where block.overlaps(range) { found(.block(block)) }
        let head = parts[place].head
        guard !head.isEmpty, head.minTime <= range.upperBound, head.maxTime >= range.lowerBound else { return }
        found(.head(head))
    }

    /// Notes a change of memory that was counted elsewhere.
    mutating func adjust(by bytes: Int) { memoryBytes += bytes }

    /// Turns a part's full head into a block. The head keeps its memory, since the stream is expected to go on.
    mutating func sealFull(_ place: Int) throws {
        parts[place].blocks.append(try LogBlock(parts[place].head))
        parts[place].head.removeAll()
    }

    /// Copies heads with entries from a part on, of so many parts or about so many bytes at most, and says which part comes
    /// next; nil behind the last.
    func heads(from start: Int, parts most: Int, bytes: Int) -> (heads: [Head], end: Int)? {
        guard start < parts.count else { return nil }
        var heads: [Head] = []
        var (place, held) = (start, 0)
        while place < parts.count, place - start < most, held < bytes {
            if !parts[place].head.isEmpty {
                heads.append(Head(part: place, columns: parts[place].head))
                held += parts[place].head.rawBytes
            }
            place += 1
        }
        return (heads, place)
    }

    /// Puts a block in the place of the head that it was made of, unless that has become another; the change of memory.
    mutating func seal(_ head: Head, as block: LogBlock) -> Int {
        guard head.part < parts.count, parts[head.part].head.isSame(as: head.columns) else { return 0 }
        return accounting(head.part) { generation in
            generation.parts[head.part].blocks.append(block)
            generation.parts[head.part].head = LogColumns()
        }
    }

    /// The place of a stream's part, if it has one.
    func place(of stream: Int) -> Int? { places[stream] }

    /// The smallest and largest time of any entry.
    var timeRange: ClosedRange<Int64>? {
        if let file { return file.minTime <= file.maxTime ? file.minTime...file.maxTime : nil }
        var low = Int64.max
        var high = Int64.min
        for part in parts {
            for block in part.blocks {
                low = min(low, block.minTime)
                high = max(high, block.maxTime)
            }
            if !part.head.isEmpty {
                low = min(low, part.head.minTime)
                high = max(high, part.head.maxTime)
            }
        }
        return low <= high ? low...high : nil
    }
}
