import Durable
import LogQL
import LogStorage
import Logging
import MartletCore

/// An entry as tests write it down.
struct Entry: Hashable, Comparable, CustomStringConvertible {
    var time: Int64
    var line: String
    var metadata = ""

    var description: String { "\(time) \(line) \(metadata)" }

    static func < (a: Entry, b: Entry) -> Bool { (a.time, a.line) < (b.time, b.line) }
}

/// Unix nanoseconds of the tests' noon, 2026-01-01T12:00:00Z.
let noon: Int64 = 1_767_268_800_000_000_000

extension LogRecord {
    init(_ streams: [(labels: Labels, entries: [Entry])]) {
        self.init()
        for stream in streams {
            beginStream(stream.labels)
            for entry in stream.entries {
                let metadata = entry.metadata.isEmpty ? Labels() : Labels([("trace", entry.metadata)])
                Bytes.of(entry.line) { line in
                    metadata.bytes.withUnsafeBytes { append(timestamp: entry.time, line: line, metadata: $0) }
                }
            }
        }
    }

    init(_ labels: [(String, String)], _ entries: [Entry]) {
        self.init([(Labels(labels), entries)])
    }
}

extension LogStore {
    static func open(
        _ directory: String, _ options: LogStorageOptions = .init(), memory: Int = 256 << 20,
        fileSystem: any FileSystem = DiskFileSystem(),
        clock: @escaping @Sendable () -> Int64 = { noon / 1_000_000_000 }
    ) throws -> LogStore {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try LogStore(
            directory, options: options, budget: MemoryBudget(limitBytes: memory), fileSystem: fileSystem,
            logger: logger, clock: clock)
    }

    /// Entries in the order in which they are given, by stream.
    func read(
        _ matchers: [Matcher] = [], start: Int64 = 0, end: Int64 = .max, filters: [LineFilter] = [],
        direction: LogSelection.Direction = .forward, tenant: String = "fake"
    ) throws -> [Labels: [Entry]] {
        var found: [Labels: [Entry]] = [:]
        let selection = LogSelection(
            matchers: matchers, start: start, end: end, lineFilters: filters, direction: direction)
        try source(tenant: tenant)?.entries(selection, context: LogQueryContext()) { batch in
            for row in batch.rows.map({ Int($0) }) {
                let set = Labels(canonicalBytes: [UInt8](batch.metadataSet(Int(batch.metadataIDs[row]))))
                found[batch.labels, default: []].append(
                    Entry(
                        time: batch.timestamps[row], line: String(decoding: batch.line(row), as: UTF8.self),
                        metadata: set["trace"] ?? ""))
            }
            return .more
        }
        return found
    }
}

/// A seeded generator (splitmix64), so that a failing run can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
