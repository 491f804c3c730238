import Delivery
import Durable
import Logging
import MartletCore
import Testing

@Suite("Disk queue")
struct DiskQueueTests {
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func open(
        _ directory: TemporaryDirectory, _ options: DiskQueue.Options = DiskQueue.Options(),
        time: Lock<Int64> = Lock(0), on fileSystem: any FileSystem = DiskFileSystem()
    ) throws -> DiskQueue {
        try DiskQueue(
            directory.file("queue"), name: "q", options: options, logger: Self.quiet, on: fileSystem,
            now: { time.withLock { $0 } })
    }

    private func body(_ number: Int, size: Int = 10) -> [UInt8] {
        // Not compressible, so that sizes on disk are what they seem.
        var random = Durable.SplitMix64(seed: UInt64(number))
        var bytes = [UInt8(truncatingIfNeeded: number)]
        while bytes.count < size { withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(size))
    }

    private func drain(_ queue: DiskQueue) throws -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        while let item = try queue.peek() {
            bodies.append(item.payload.body)
            try queue.commit(item)
        }
        return bodies
    }

    @Test("gives payloads in order, with tenant and time")
    func order() throws {
        let directory = try TemporaryDirectory()
        let time = Lock<Int64>(42)
        let queue = try open(directory, time: time)
        #expect(try queue.peek() == nil)
        try queue.append([1, 2, 3], tenant: "a")
        time.withLock { $0 = 43 }
        try queue.append([], tenant: "")
        try queue.append([4])
        #expect(queue.count == 3)
        let first = try #require(try queue.peek())
        #expect(first.payload == Payload(body: [1, 2, 3], tenant: "a", enqueuedAt: 42))
        // Peeking moves nothing.
        #expect(try queue.peek()?.payload == first.payload)
        try queue.commit(first)
        let second = try #require(try queue.peek())
        #expect(second.payload == Payload(body: [], tenant: "", enqueuedAt: 43))
        try queue.commit(second)
        // A second commit of the same payload is without effect.
        try queue.commit(second)
        #expect(try drain(queue) == [[4]])
        #expect(queue.count == 0)
    }

    @Test("what was appended and not committed is there after the process died")
    func reopening() throws {
        let directory = try TemporaryDirectory()
        for round in 0..<5 {
            // The queue is never closed: only what write(2) took is left to the next one.
            let queue = try open(directory)
            #expect(queue.count == round * 2)
            try queue.append(body(round * 3))
            try queue.append(body(round * 3 + 1))
            try queue.append(body(round * 3 + 2))
            let item = try #require(try queue.peek())
            #expect(item.payload.body == body(round))
            try queue.commit(item)
        }
        let queue = try open(directory)
        #expect(try drain(queue) == (5..<15).map { body($0) })
        let empty = try open(directory)
        #expect(empty.count == 0)
        #expect(try empty.peek() == nil)
    }

    @Test("a payload in flight when the process dies is given again")
    func atLeastOnce() throws {
        let directory = try TemporaryDirectory()
        let queue = try open(directory)
        try queue.append([1])
        #expect(try queue.peek()?.payload.body == [1])
        #expect(try open(directory).peek()?.payload.body == [1])
    }

    @Test("beyond its size it drops the oldest and goes on with the rest")
    func sizeLimit() throws {
        let directory = try TemporaryDirectory()
        let queue = try open(directory, DiskQueue.Options(maxBytes: 1 << 20))
        let first = body(0, size: 20_000)
        try queue.append(first)
        let held = try #require(try queue.peek())
        for number in 1..<200 { try queue.append(body(number, size: 20_000)) }
        #expect(queue.bytes <= 1 << 20 + 128 << 10)
        let waiting = queue.count
        #expect(waiting < 60)
        #expect(waiting > 30)
        // The payload in flight was dropped meanwhile; committing it must not take another along.
        try queue.commit(held)
        #expect(queue.count == waiting)
        let rest = try drain(queue)
        #expect(rest == ((200 - waiting)..<200).map { body($0, size: 20_000) })
        #expect(queue.count == 0)
    }

    @Test("a payload that is in the log is taken, also when the oldest part cannot be dropped just then")
    func sizeLimitFailing() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        // No sync but those of the log's own steps, so that the failing one is known.
        let options = DiskQueue.Options(maxBytes: 1 << 20, sync: .interval(seconds: 3600))
        let queue = try open(directory, options, on: recording)
        for number in 0..<100 {
            // A new segment syncs the one before and the directory; the sync after those two is that of a removal.
            recording.failSync(after: 2)
            try queue.append(body(number, size: 20_000))
        }
        #expect(queue.bytes <= 1 << 20 + 256 << 10)
        let waiting = queue.count
        #expect(waiting < 60)
        #expect(try drain(queue) == ((100 - waiting)..<100).map { body($0, size: 20_000) })
    }

    @Test("delivered segments leave the disk")
    func truncation() throws {
        let directory = try TemporaryDirectory()
        let queue = try open(directory, DiskQueue.Options(maxBytes: 8 << 20))
        for number in 0..<200 { try queue.append(body(number, size: 20_000)) }
        let before = queue.bytes
        #expect(try drain(queue).count == 200)
        #expect(queue.bytes < before / 2)
        // Nothing waits, the log may be empty: what comes is found all the same, also by the next process.
        try queue.append(body(200))
        let next = try open(directory, DiskQueue.Options(maxBytes: 8 << 20))
        #expect(try drain(next) == [body(200)])
    }

    @Test("a place beyond the end of the log hides nothing")
    func lostLog() throws {
        let directory = try TemporaryDirectory()
        let queue = try open(directory, DiskQueue.Options(maxBytes: 1 << 20))
        for number in 0..<60 { try queue.append(body(number, size: 20_000)) }
        #expect(try !drain(queue).isEmpty)
        try DiskFileSystem().removeTree(directory.file("queue/log"))
        let next = try open(directory)
        try next.append([7])
        #expect(try drain(next) == [[7]])
        let again = try open(directory)
        try again.append([8])
        #expect(try drain(again) == [[8]])
    }

    @Test("a damaged cursor falls back to the slot before", arguments: [0, 1])
    func damagedCursor(slot: Int) throws {
        let directory = try TemporaryDirectory()
        let queue = try open(directory)
        for number in 0..<4 { try queue.append(body(number)) }
        for _ in 0..<2 {
            let item = try #require(try queue.peek())
            try queue.commit(item)
        }
        let file = try DiskFileSystem().open(directory.file("queue/cursor"), .readWrite)
        try file.write([0xff], at: Int64(slot * 40 + 20))
        let rest = try drain(try open(directory))
        // One of the slots was the newer: losing it repeats one payload, losing the other nothing.
        #expect(rest == (2..<4).map { body($0) } || rest == (1..<4).map { body($0) })
    }

    @Test("knows when a payload has waited too long")
    func age() throws {
        let directory = try TemporaryDirectory()
        let time = Lock<Int64>(1_000_000)
        let queue = try open(directory, DiskQueue.Options(maxAgeSeconds: 10), time: time)
        try queue.append([1])
        let item = try #require(try queue.peek())
        time.withLock { $0 += 10_000 }
        #expect(!queue.isExpired(item))
        time.withLock { $0 += 1 }
        #expect(queue.isExpired(item))
    }

    @Test("a payload larger than a segment is refused")
    func tooLarge() throws {
        let directory = try TemporaryDirectory()
        let queue = try open(directory, DiskQueue.Options(maxBytes: 1 << 20))
        #expect(throws: DurableError.self) { try queue.append([UInt8](repeating: 0, count: queue.payloadLimit + 1)) }
        try queue.append(body(1, size: queue.payloadLimit))
        #expect(try drain(queue) == [body(1, size: queue.payloadLimit)])
    }

    @Test("a torn end is cut, what is before it is delivered")
    func tornEnd() throws {
        let directory = try TemporaryDirectory()
        let queue = try open(directory)
        try queue.append(body(1))
        try queue.append(body(2, size: 1000))
        let path = directory.file("queue/log/00000000")
        let file = try DiskFileSystem().open(path, .readWrite)
        try file.truncate(to: try file.size() - 100)
        let next = try open(directory)
        try next.append(body(3))
        #expect(try drain(next) == [body(1), body(3)])
    }

    @Test("a crash or a power loss during a repair leaves no payload out")
    func crashDuringRepair() throws {
        let directory = try TemporaryDirectory()
        let before = try open(directory)
        // Each fills a page and more, so that damage to one leaves the next readable.
        for number in 0..<8 { try before.append(body(number, size: 40_000)) }
        for _ in 0..<4 {
            let item = try #require(try before.peek())
            try before.commit(item)
        }
        try before.close()
        let path = directory.file("queue/log/00000000")
        // Among the delivered ones: without it the records behind lie elsewhere than the cursor says.
        try DiskFileSystem().open(path, .readWrite).write([1, 2, 3, 4], at: 50_000)
        let recording = try RecordingFileSystem(root: directory.path)
        _ = try open(directory, on: recording)
        let crashes = (0...recording.position).map { PowerLoss(at: $0, .everything) }
        for loss in crashes + PowerLoss.all(of: recording, seeds: 4) {
            let rebuilt = try TemporaryDirectory()
            try loss.rebuild(recording, into: rebuilt.path)
            let found = try drain(try open(rebuilt))
            #expect(found.suffix(4) == (4..<8).map { body($0, size: 40_000) }, "\(loss)")
        }
    }

    @Test("a torn end behind the cursor does not send again what was delivered")
    func tornEndKeepsPlace() throws {
        let directory = try TemporaryDirectory()
        let queue = try open(directory)
        for number in 0..<4 { try queue.append(body(number, size: 1000)) }
        for _ in 0..<2 {
            let item = try #require(try queue.peek())
            try queue.commit(item)
        }
        let file = try DiskFileSystem().open(directory.file("queue/log/00000000"), .readWrite)
        try file.truncate(to: try file.size() - 100)
        let next = try open(directory)
        #expect(next.count == 1)
        #expect(try drain(next) == [body(2, size: 1000)])
    }
}
