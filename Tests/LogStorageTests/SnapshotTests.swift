import Durable
import LogStorage
import MartletCore
import Testing

@Suite("A snapshot of a log store")
struct SnapshotTests {
    private let directory: TemporaryDirectory
    private let copy: TemporaryDirectory
    private let web = Labels([("app", "web")])

    init() throws {
        directory = try TemporaryDirectory("logs")
        copy = try TemporaryDirectory("snapshot")
    }

    private func push(_ store: LogStore, _ range: Range<Int>, tenant: String = "fake") throws {
        let entries = range.map { Entry(time: noon + Int64($0), line: "line \($0) of \(tenant)") }
        try store.append(LogRecord([(web, entries)]), tenant: tenant)
    }

    @Test("opens with the lines of all tenants, in files and in the log, while the store goes on")
    func whole() throws {
        var options = LogStorageOptions()
        options.blockBytes = 500
        options.generationBytes = 20_000
        let store = try LogStore.open(directory.path, options)
        for first in stride(from: 0, to: 3000, by: 100) {
            try push(store, first..<first + 100)
            if first % 1000 == 0 { store.maintain() }
        }
        try push(store, 0..<10, tenant: "other")
        let expected = try (store.read(), store.read(tenant: "other"))
        try store.snapshot(to: copy.path)
        try push(store, 3000..<4000)
        store.maintain()
        let again = try LogStore.open(copy.path, options)
        #expect(try again.read() == expected.0)
        #expect(try again.read(tenant: "other") == expected.1)
        try push(again, 5000..<5001)
        #expect(try again.read()[web]?.count == 3001)
        #expect(try store.read()[web]?.count == 4000)
    }

    @Test("taken again and again between pushes loses none of their lines, and none is there twice")
    func many() throws {
        var options = LogStorageOptions()
        options.generationBytes = 5000
        let store = try LogStore.open(directory.path, options)
        for round in 0..<20 {
            try push(store, round * 100..<round * 100 + 100)
            if round % 3 == 0 { store.maintain() }
            let target = copy.file("\(round)")
            try DiskFileSystem().makeDirectory(target)
            try store.snapshot(to: target)
            let again = try LogStore.open(target, options)
            #expect(try again.read()[web]?.count == (round + 1) * 100, "round \(round)")
        }
        #expect(try store.read()[web]?.count == 2000)
    }
}
