import Durable
import MartletCore
import MetricStorage
import Testing

@Suite("Following the log of a store")
struct LogTailTests {
    private static let now = MetricStoreTests.now
    private static let hour: Int64 = 3_600_000

    /// What the tail gives until the end, with the names that it has met.
    private func read(_ tail: inout LogTail, _ names: inout [UInt64: String]) throws -> [String] {
        var found: [String] = []
        var known = names
        while try tail.next({ entry in
            switch entry {
            case .series(let ref, let labels): known[ref] = Labels(canonicalBytes: Array(labels)).description
            case .sample(let ref, let time, let bits):
                found.append("\(known[ref] ?? "?")@\(time - Self.now)=\(Double(bitPattern: bits))")
            case .histogram(let ref, let time, let histogram):
                found.append("\(known[ref] ?? "?")@\(time - Self.now)=count \(histogram.count)")
            case .exemplar(let ref, let time, _, let labels):
                let own = Labels(canonicalBytes: Array(labels)).description
                found.append("\(known[ref] ?? "?")@\(time - Self.now)=\(own)")
            }
        }) {}
        names = known
        return found
    }

    @Test("gives series, floats, native histograms and exemplars as they are written, and goes on when more come")
    func entries() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        var tail = try LogTail(store: directory.path, from: fixture.store.logEnd)
        var names: [UInt64: String] = [:]
        #expect(try read(&tail, &names) == [])
        var batch = SampleBatch()
        Labels([("__name__", "a")]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
        batch.add(Self.now, 1)
        Labels([("trace_id", "t")]).bytes.withUnsafeBytes { batch.addExemplar($0, Self.now, 1) }
        Labels([("__name__", "h")]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
        var histogram = StoredHistogram(isFloat: false)
        (histogram.count, histogram.zeroCount) = (4, 4)
        batch.add(Self.now, histogram)
        _ = try fixture.store.append(&batch)
        #expect(try read(&tail, &names) == ["a@0=1.0", "h@0=count 4", #"a@0={trace_id="t"}"#])
        #expect(try read(&tail, &names) == [])
        try fixture.append("a", Self.now + 5, 2)
        #expect(try read(&tail, &names) == ["a@5=2.0"])
        try fixture.store.close()
    }

    @Test("gives samples that come late, too, and a start from the log has them once")
    func late() throws {
        let directory = try TemporaryDirectory()
        var options = MetricStore.Options()
        options.outOfOrderWindowMs = Self.hour
        do {
            let fixture = try StoreFixture(directory.path, options: options)
            var tail = try LogTail(store: directory.path, from: fixture.store.logEnd)
            var names: [UInt64: String] = [:]
            try fixture.append("a", Self.now, 1)
            try fixture.append("a", Self.now - 7, 2)
            #expect(try read(&tail, &names) == ["a@0=1.0", "a@-7=2.0"])
        }
        let fixture = try StoreFixture(directory.path, options: options)
        #expect(try fixture.dump() == ["a": [Point(Self.now - 7, 2), Point(Self.now, 1)]])
    }

    @Test(
        "the log stays from the segment on that somebody holds, and with it the names of series that the head has dropped"
    )
    func hold() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        let begin = fixture.store.logEnd
        let held = Lock<Int?>(begin.segment)
        fixture.store.holdLog { held.withLock { $0 } }
        try fixture.append("old", Self.now, 1)
        let later = Self.now + 6 * Self.hour
        try fixture.append("new", later, 2)
        try fixture.store.maintain(nowMs: later)
        #expect(fixture.store.blocks.count == 1)
        var names: [UInt64: String] = [:]
        do {
            var tail = try LogTail(store: directory.path, from: begin)
            #expect(try read(&tail, &names) == ["old@0=1.0", "new@\(6 * Self.hour)=2.0"])
            held.withLock { $0 = tail.position.segment }
        }
        // The reader has come to the next segment: what is before it may go.
        try fixture.append("new", later + 1, 3)
        let next = fixture.store.logEnd.segment
        held.withLock { $0 = next }
        try fixture.store.maintain(nowMs: later + 60_000)
        #expect(try fixture.segments(directory.path).min() == next)
        // Nobody holds it any more.
        held.withLock { $0 = nil }
        try fixture.store.maintain(nowMs: later + 120_000)
        try fixture.store.close()
    }
}

extension StoreFixture {
    fileprivate func segments(_ path: String) throws -> [Int] {
        try DiskFileSystem().list(FilePath.join(path, "wal")).compactMap(Int.init)
    }
}
