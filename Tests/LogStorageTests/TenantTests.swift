import Dispatch
import Durable
import LogStorage
import MartletCore
import Testing

@Suite("Tenants of the log store")
struct TenantTests {
    let directory: TemporaryDirectory
    let web = Labels([("app", "web")])

    init() throws { directory = try TemporaryDirectory("logs") }

    private func noise(_ count: Int, _ generator: inout SeededGenerator, from start: Int = 0) -> [Entry] {
        (0..<count).map { index in
            let text = (0..<12).map { _ in String(generator.next(), radix: 36) }.joined()
            return Entry(time: noon + Int64(start + index), line: text)
        }
    }

    @Test("are directories that a tenant's name can have, and no others")
    func strangers() throws {
        let files = DiskFileSystem()
        try files.makeDirectories(directory.file("tenants/lost+found"))
        try files.makeDirectories(directory.file("tenants/a b"))
        let lines = [Entry(time: noon, line: "one")]
        for _ in 0..<2 {
            let store = try LogStore.open(directory.path)
            try store.append(LogRecord([(web, lines)]), tenant: "a!-_.*'()")
            #expect(store.tenantCount == 1)
            #expect(try store.read(tenant: "a!-_.*'()") == [web: lines])
            try store.close()
        }
        #expect(try files.list(directory.file("tenants/lost+found")).isEmpty)
        #expect(try files.list(directory.file("tenants/a b")).isEmpty)
    }

    @Test("that push much have their own oldest lines written to disk, and nobody loses any")
    func fairness() throws {
        var options = LogStorageOptions()
        options.generationBytes = 100 << 10
        options.blockBytes = 16 << 10
        let store = try LogStore.open(directory.path, options, memory: 4 << 20)
        var generator = SeededGenerator(7)
        let quiet = noise(500, &generator)
        try store.append(LogRecord([(web, quiet)]), tenant: "quiet")
        for push in 0..<200 {
            try store.append(LogRecord([(web, noise(100, &generator, from: push * 100))]), tenant: "loud")
        }
        #expect(store.memoryBytes <= 2 << 20)
        #expect(try store.read(tenant: "quiet")[web] == quiet)
        #expect(try store.read(tenant: "loud")[web]?.map(\.time) == (0..<20_000).map { noon + $0 })
        let files = DiskFileSystem()
        #expect(try files.list(directory.file("tenants/quiet/segments")).isEmpty)
        #expect(try !files.list(directory.file("tenants/loud/segments")).isEmpty)
    }

    @Test("that are new find room when another has taken all of it")
    func newcomer() throws {
        var options = LogStorageOptions()
        options.generationBytes = 100 << 10
        let store = try LogStore.open(directory.path, options, memory: 4 << 20)
        var generator = SeededGenerator(8)
        for push in 0..<200 {
            try store.append(LogRecord([(web, noise(100, &generator, from: push * 100))]), tenant: "loud")
        }
        for push in 0..<5 {
            try store.append(LogRecord([(web, noise(100, &generator, from: push * 100))]), tenant: "new")
        }
        #expect(try store.read(tenant: "new")[web]?.count == 500)
    }

    @Test("are as many as the limit says, until the lines of one are all gone and its directory with them")
    func limit() throws {
        var options = LogStorageOptions()
        options.maxTenants = 2
        options.retention.seconds = 600
        let time = Lock<Int64>(noon / 1_000_000_000)
        do {
            let store = try LogStore.open(directory.path, options, clock: { time.withLock { $0 } })
            let first = LogRecord([(web, [Entry(time: noon, line: "x")])])
            try store.append(first, tenant: "a")
            time.withLock { $0 += 400 }
            let record = LogRecord([(web, [Entry(time: noon + 400_000_000_000, line: "x")])])
            try store.append(record, tenant: "b")
            #expect(throws: LogStorageError.tooManyTenants(limit: 2)) { try store.append(record, tenant: "c") }
            #expect("\(LogStorageError.tooManyTenants(limit: 2))".contains("raise --storage.max-tenants"))
            try store.append(record, tenant: "b")
            time.withLock { $0 += 300 }
            store.maintain()
            #expect(try DiskFileSystem().list(directory.file("tenants")) == ["b"])
            #expect(store.source(tenant: "a") == nil)
            try store.append(record, tenant: "c")
            #expect(try store.read(tenant: "b")[web]?.count == 1)
            #expect(try store.read(tenant: "c")[web]?.count == 1)
            try store.close()
        }
        options.maxTenants = 1
        let reopened = try LogStore.open(directory.path, options, clock: { time.withLock { $0 } })
        #expect(reopened.tenantCount == 2, "what is stored is never left out")
    }

    @Test("come back empty-handed when a push is refused, and leave nothing behind")
    func refusedPush() throws {
        let store = try LogStore.open(directory.path)
        store.maintain()
        try store.push(to: "a", streamLimit: 1) { push in _ = push.admits(web) }
        #expect(store.tenantCount == 1)
        store.maintain()
        #expect(store.tenantCount == 0)
        #expect(try DiskFileSystem().list(directory.file("tenants")).isEmpty)
    }

    @Test("are opened without holding up the others", .timeLimit(.minutes(1)))
    func slowOpening() throws {
        let files = GatedFileSystem(name: "tenants/slow")
        let store = try LogStore.open(directory.path, fileSystem: files)
        let record = LogRecord([(web, [Entry(time: noon, line: "x")])])
        let done = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            try? store.append(record, tenant: "slow")
            done.signal()
        }
        files.arrived.wait()
        try store.append(record, tenant: "fast")
        #expect(try store.read(tenant: "fast")[web]?.count == 1)
        #expect(store.source(tenant: "slow") == nil)
        files.gate.signal()
        done.wait()
        #expect(try store.read(tenant: "slow")[web]?.count == 1)
    }

    @Test("have no more streams than their limit, those counted that pushes under way are about to add")
    func streamLimit() throws {
        let store = try LogStore.open(directory.path)
        let streams = (0..<4).map { Labels([("app", "\($0)")]) }
        var answers: [Bool] = []
        try store.push(to: "a", streamLimit: 2) { first in
            answers.append(first.admits(streams[0]))
            try store.push(to: "a", streamLimit: 2) { second in
                // What another push adds counts once, and counts.
                for place in 0..<3 { answers.append(second.admits(streams[place])) }
            }
            // The other push has let go of what it did not store; what was admitted stays so.
            for place in [1, 2, 0] { answers.append(first.admits(streams[place])) }
            let entry = [Entry(time: noon, line: "x")]
            try first.append(LogRecord([(streams[0], entry), (streams[1], entry)]))
        }
        #expect(answers == [true, true, true, false, true, false, true])
        answers = []
        try store.push(to: "a", streamLimit: 2) { push in
            answers.append(push.admits(streams[1]))
            answers.append(push.admits(streams[3]))
        }
        try store.push(to: "a") { push in answers.append(push.admits(streams[3])) }
        #expect(answers == [true, false, true], "a known stream goes on, and no limit is no limit")
    }
}
