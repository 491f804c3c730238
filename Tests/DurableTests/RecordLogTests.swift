import Durable
import Testing

@Suite("RecordLog")
struct RecordLogTests {
    static func options(
        _ compression: RecordCompression = .none, segmentBytes: Int = 64 << 10, sync: SyncPolicy = .always
    ) -> RecordLog.Options {
        var options = RecordLog.Options()
        options.compression = compression
        options.segmentBytes = segmentBytes
        options.sync = sync
        return options
    }

    static func record(_ index: Int, size: Int) -> [UInt8] {
        var random = SplitMix64(seed: UInt64(index))
        // Half random, half constant: compressible, and different for each index.
        return (0..<size).map { $0 % 2 == 0 ? UInt8(truncatingIfNeeded: random.next()) : 42 }
    }

    static func read(_ directory: String, repair: Bool = true) throws -> (records: [[UInt8]], report: ReplayReport) {
        let log = try RecordLog(directory, options: options())
        var records: [[UInt8]] = []
        let report = try log.replay(repair: repair) { bytes, _ in records.append(Array(bytes)) }
        return (records, report)
    }

    @Test("a short record is framed byte for byte as Prometheus does")
    func framing() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options())
        try log.append(Array("123456789".utf8))
        try log.close()
        // 0xE3069283 is the published CRC-32C check value of "123456789".
        let expected: [UInt8] = [1, 0, 9, 0xE3, 0x06, 0x92, 0x83] + Array("123456789".utf8)
        #expect(try DiskFileSystem().read(directory.file("00000000"), limit: 100) == expected)
    }

    @Test(
        "records of every size around page and segment borders come back in order",
        arguments: [RecordCompression.none, .snappy, .zstd])
    func roundTrip(compression: RecordCompression) throws {
        let directory = try TemporaryDirectory()
        let page = 32 << 10
        let sizes =
            [0, 1, 16, 17, 100, 0, page - 14, 3] + (page - 30..<page + 3).map { $0 } + [2 * page - 20, 60_000, 5, 0]
        let records = sizes.enumerated().map { Self.record($0.offset, size: $0.element) }
        let log = try RecordLog(directory.path, options: Self.options(compression))
        for record in records { try log.append(record) }
        try log.close()
        let (found, report) = try Self.read(directory.path)
        #expect(found == records)
        #expect(report.damage.isEmpty)
        #expect(report.records == records.count)
        #expect(try log.segments().count > 5)
        for segment in try log.segments() {
            #expect(try DiskFileSystem().status(log.path(ofSegment: segment)).size <= 64 << 10)
        }
    }

    @Test("a batch is appended in order and may cross segments")
    func batches() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options())
        var batch = RecordBatch()
        let records = (0..<40).map { Self.record($0, size: 5000) }
        for record in records { batch.add(record) }
        try log.append(batch)
        try log.close()
        #expect(try Self.read(directory.path).records == records)
    }

    @Test("a log that is opened again goes on in a new segment")
    func reopens() throws {
        let directory = try TemporaryDirectory()
        for index in 0..<3 {
            let log = try RecordLog(directory.path, options: Self.options())
            #expect(try log.append(Self.record(index, size: 10)).segment == index)
            try log.close()
            // Again it does nothing.
            try log.close()
        }
        #expect(try Self.read(directory.path).records == (0..<3).map { Self.record($0, size: 10) })
    }

    @Test("a log cut at any byte gives the whole records before the cut, and is sound afterwards")
    func tornTail() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options())
        let records = (0..<8).map { Self.record($0, size: 20 + $0) }
        var ends: [Int] = []
        for record in records { ends.append(Int(try log.append(record).offset)) }
        try log.close()
        let whole = try DiskFileSystem().read(directory.file("00000000"), limit: 1 << 20)
        for size in 0...whole.count {
            let copy = try TemporaryDirectory()
            try DiskFileSystem().open(copy.file("00000000"), .createNew).write(Array(whole.prefix(size)), at: 0)
            let complete = ends.filter { $0 <= size }.count
            let (found, report) = try Self.read(copy.path)
            #expect(found == Array(records.prefix(complete)))
            #expect(report.damage.isEmpty == (size == 0 || ends.contains(size)))
            let again = try Self.read(copy.path)
            #expect(again.records == found)
            #expect(again.report.damage.isEmpty)
        }
    }

    @Test("a flipped bit costs one record and no other, is reported with file and offset, and nothing crashes")
    func flippedBits() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options(segmentBytes: 128 << 10))
        let records = (0..<12).map { Self.record($0, size: 6000) }
        for record in records { try log.append(record) }
        try log.close()
        let whole = try DiskFileSystem().read(directory.file("00000000"), limit: 1 << 20)
        var random = SplitMix64(seed: 1)
        for _ in 0..<150 {
            let place = Int(random.next() % UInt64(whole.count))
            var damaged = whole
            damaged[place] ^= 1 << UInt8(random.next() % 8)
            let copy = try TemporaryDirectory()
            try DiskFileSystem().open(copy.file("00000000"), .createNew).write(damaged, at: 0)
            let (found, report) = try Self.read(copy.path)
            let damage = try #require(report.damage.first)
            #expect(damage.path == copy.file("00000000"))
            #expect(abs(Int(damage.offset) - place) < 32 << 10)
            #expect(found.allSatisfy(records.contains))
            #expect(found.count >= records.count - 1)
            let again = try Self.read(copy.path)
            #expect(again.records == found)
            #expect(again.report.damage.isEmpty)
        }
    }

    @Test("small records behind a damaged one in its page are kept, and the report says how much is lost")
    func resynchronizes() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options())
        let records = (0..<100).map { Self.record($0, size: 50) }
        for record in records { try log.append(record) }
        try log.close()
        // Each record takes 57 bytes. In the 11th: its data, its checksum, its length, its type.
        for place in [570 + 20, 570 + 4, 570 + 2, 570] {
            let copy = try TemporaryDirectory()
            var bytes = try DiskFileSystem().read(directory.file("00000000"), limit: 1 << 20)
            bytes[place] ^= 0x80
            try DiskFileSystem().open(copy.file("00000000"), .createNew).write(bytes, at: 0)
            let (found, report) = try Self.read(copy.path)
            #expect(found == Array(records[..<10] + records[11...]))
            #expect(report.damage.map(\.offset) == [570])
            #expect(report.damage.map(\.lostBytes) == [57])
            #expect(report.damage.first?.description.contains("; 57 bytes lost; all sound records are kept") == true)
        }
    }

    @Test("a record that holds the framing of another is not taken for that when its own length is damaged")
    func embeddedFraming() throws {
        let inner = try TemporaryDirectory()
        let innerLog = try RecordLog(inner.path, options: Self.options())
        try innerLog.append(Self.record(1, size: 40))
        try innerLog.close()
        let framed = try DiskFileSystem().read(inner.file("00000000"), limit: 1 << 20)
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options())
        try log.append(Self.record(2, size: 10) + framed + Self.record(3, size: 10))
        try log.append(Self.record(4, size: 30))
        try log.close()
        try DiskFileSystem().open(directory.file("00000000"), .readWrite).write([0x70], at: 1)
        #expect(try Self.read(directory.path).records == [Self.record(4, size: 30)])
    }

    @Test("damage before readable records keeps them and the damaged file")
    func rewrites() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options(segmentBytes: 128 << 10))
        let records = (0..<12).map { Self.record($0, size: 6000) }
        for record in records { try log.append(record) }
        try log.close()
        let path = directory.file("00000000")
        try DiskFileSystem().open(path, .readWrite).write([0xFF, 0xFF], at: 100)
        let (found, report) = try Self.read(directory.path)
        #expect(report.damage.first?.repair == .rewritten(original: path + ".damaged"))
        #expect(found.last == records.last)
        #expect(try DiskFileSystem().list(directory.path) == ["00000000", "00000000.damaged"])
    }

    @Test("garbage is never read as records")
    func garbage() throws {
        for seed in 0..<60 {
            var random = SplitMix64(seed: UInt64(seed))
            let bytes = (0..<Int(random.next() % 100_000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let directory = try TemporaryDirectory()
            try DiskFileSystem().open(directory.file("00000000"), .createNew).write(bytes, at: 0)
            #expect(try Self.read(directory.path, repair: false).records.isEmpty)
        }
    }

    @Test("a missing segment is an error that names it")
    func gap() throws {
        let directory = try TemporaryDirectory()
        for name in ["00000003", "00000005"] { _ = try DiskFileSystem().open(directory.file(name), .createNew) }
        let failure = #expect(throws: DurableError.self) { try RecordLog(directory.path) }
        #expect(failure?.description.contains("segment 00000004 is missing") == true)
    }

    @Test("a record that no segment can hold is refused with the limit")
    func tooLarge() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options())
        let failure = #expect(throws: DurableError.self) { try log.append(Self.record(0, size: 70_000)) }
        #expect(failure?.code == .tooLarge)
        #expect(failure?.message.contains("65522") == true)
        try log.append([1])
        try log.close()
        #expect(try Self.read(directory.path).records == [[1]])
    }

    @Test("a full disk is a clear error, loses nothing acknowledged, and appends work again with room")
    func fullDisk() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        let log = try RecordLog(directory.file("wal"), options: Self.options(), on: recording)
        var acknowledged: [[UInt8]] = []
        for (index, capacity) in [100_000, 170_000, 260_000].enumerated() {
            recording.setCapacity(Int64(capacity))
            for step in 0..<200 {
                let record = Self.record(index * 1000 + step, size: 1000)
                do {
                    try log.append(record)
                    acknowledged.append(record)
                } catch {
                    #expect(error.code == .noSpace)
                    break
                }
            }
        }
        #expect(acknowledged.count > 200)
        recording.setCapacity(nil)
        try log.close()
        let (found, report) = try Self.read(directory.file("wal"))
        #expect(found == acknowledged)
        #expect(report.damage.isEmpty)
    }

    @Test("what a full disk refused is not written by the cut that follows")
    func refusedStaysRefused() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        let log = try RecordLog(directory.file("wal"), options: Self.options(), on: recording)
        try log.append([1])
        recording.setCapacity(100)
        #expect(throws: DurableError.self) { try log.append(Self.record(2, size: 1000)) }
        recording.setCapacity(nil)
        try log.cut()
        try log.append([3])
        try log.close()
        let (found, report) = try Self.read(directory.file("wal"))
        #expect(found == [[1], [3]])
        #expect(report.damage.isEmpty)
    }

    @Test("a sync that fails while a segment ends is final for those who wait, too")
    func failedSyncAtCut() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        let log = try RecordLog(
            directory.file("wal"), options: Self.options(sync: .interval(seconds: 3600)), on: recording)
        try log.append([1])
        recording.failSync(after: 0)
        #expect(throws: DurableError.self) { try log.cut() }
        #expect(throws: DurableError.self) { try log.sync() }
        #expect(throws: DurableError.self) { try log.close() }
    }

    @Test("after a failed sync nothing more is acknowledged")
    func failedSync() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        let log = try RecordLog(directory.file("wal"), options: Self.options(), on: recording)
        try log.append([1])
        recording.failSync(after: 0)
        #expect(throws: DurableError.self) { try log.append([2]) }
        #expect(throws: DurableError.self) { try log.append([3]) }
    }

    @Test("segments before a cut can be dropped, those after stay")
    func truncates() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options())
        for index in 0..<4 {
            try log.append([UInt8(index)])
            #expect(try log.cut() == index + 1)
            #expect(try log.cut() == index + 1)
        }
        try log.truncate(before: 2)
        try log.append([9])
        try log.truncate(before: 100)
        #expect(try log.segments() == [4])
        try log.close()
        #expect(try Self.read(directory.path).records == [[9]])
    }

    @Test("many threads append at once, each record exactly once and in its thread's order", arguments: [true, false])
    func concurrent(always: Bool) async throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(
            directory.path, options: Self.options(.snappy, sync: always ? .always : .interval(seconds: 0.01)))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for step in 0..<100 {
                        try log.append([UInt8(thread), UInt8(step)] + Self.record(step, size: 300))
                    }
                }
            }
            try await group.waitForAll()
        }
        try log.close()
        let found = try Self.read(directory.path).records
        #expect(found.count == 400)
        for thread in 0..<4 {
            #expect(found.filter { $0[0] == UInt8(thread) }.map { Int($0[1]) } == Array(0..<100))
        }
    }

    @Test("a closed log refuses appends")
    func closed() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path)
        try log.close()
        let failure = #expect(throws: DurableError.self) { try log.append([1]) }
        #expect(failure?.code == .closed)
    }

    @Test("after power loss at any point everything acknowledged is there, in order, with nothing invented")
    func powerLoss() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        let log = try RecordLog(directory.file("wal"), options: Self.options(), on: recording)
        let records = (0..<30).map { Self.record($0, size: 500 + $0 * 400) }
        var acknowledged: [Int] = []
        for record in records {
            try log.append(record)
            acknowledged.append(recording.position)
        }
        let states = PowerLoss.all(of: recording, seeds: 4)
        #expect(states.count > 300)
        for loss in states {
            let rebuilt = try TemporaryDirectory()
            try loss.rebuild(recording, into: rebuilt.path)
            let found = try Self.read(rebuilt.file("wal")).records
            let safe = acknowledged.filter { $0 <= loss.position }.count
            #expect(found.count >= safe, "\(loss)")
            #expect(found == Array(records.prefix(found.count)), "\(loss)")
        }
    }
}
