import Durable
import MartletCore
import MetricStorage
import Testing

@Suite("Metadata of metric families")
struct MetadataTests {
    private static let now = MetricStoreTests.now
    private static let hour: Int64 = 3_600_000

    private static func entry(_ type: String, _ help: String, _ unit: String = "") -> MetadataTable.Entry {
        MetadataTable.Entry(type: type, help: help, unit: unit)
    }

    @Test("comes back with the log, under the family's own name, the newest of each")
    func restart() throws {
        let directory = try TemporaryDirectory()
        let entries = [
            "requests": Self.entry("counter", "All.", "requests"), "up": Self.entry("gauge", "Whether."),
            "latency": Self.entry("histogram", "How long.", "seconds"),
        ]
        do {
            let fixture = try StoreFixture(directory.path)
            fixture.store.metadata.update("up") { $0 = Self.entry("gauge", "Old.") }
            for name in ["requests_total", "up", "latency_bucket"] { try fixture.append(name, Self.now, 1) }
            for (family, entry) in entries { fixture.store.metadata.update(family) { $0 = entry } }
            fixture.store.metadata.update("nobody") { $0 = Self.entry("gauge", "No series.") }
            try fixture.append("up", Self.now + 1, 1)
            #expect(fixture.store.metadata.families().count == 4)
            try fixture.store.close()
        }
        let fixture = try StoreFixture(directory.path)
        #expect(fixture.store.metadata.families() == entries)
        #expect(fixture.store.metadata.families(named: "up") == ["up": Self.entry("gauge", "Whether.")])
        #expect(fixture.store.metadata.family(ofMetric: "latency_bucket")?.name == "latency")
        #expect(fixture.store.metadata.family(ofMetric: "requests_total")?.entry.unit == "requests")
        #expect(fixture.store.metadata.family(ofMetric: "up_total")?.name == nil)
    }

    @Test("is kept by checkpoints, and moves on to another series when its own is gone")
    func checkpoint() throws {
        let directory = try TemporaryDirectory()
        func labels(_ pod: Int) -> Labels { Labels([("__name__", "up"), ("pod", "\(pod)")]) }
        do {
            let fixture = try StoreFixture(directory.path)
            try fixture.append([(labels(1), Self.now, 1)])
            fixture.store.metadata.update("up") { $0 = Self.entry("gauge", "Whether.") }
            for step in 1...12 {
                // Every series lives for an hour.
                let time = Self.now + Int64(step) * Self.hour
                try fixture.append([(labels(step), time - Self.hour / 2, 1), (labels(step), time, 1)])
                try fixture.store.maintain(nowMs: time)
            }
            let names = try DiskFileSystem().list(directory.file("wal"))
            #expect(names.contains { $0.hasPrefix("checkpoint.") })
            try fixture.store.close()
        }
        #expect(try StoreFixture(directory.path).store.metadata.families() == ["up": Self.entry("gauge", "Whether.")])
    }

    @Test("of another writer's log is that of its series' families")
    func foreign() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.file("wal"))
        func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
        func series(_ ref: UInt8, _ name: String) -> [UInt8] {
            [1, 0, 0, 0, 0, 0, 0, 0, ref, 1] + text("__name__") + text(name)
        }
        for (ref, name) in [(UInt8(1), "a_total"), (2, "b_bucket"), (3, "c_sum")] {
            try log.append(series(ref, name))
            let zeros = [UInt8](repeating: 0, count: 8)
            try log.append([2, 0, 0, 0, 0, 0, 0, 0, ref] + zeros + [0, 2] + zeros)
        }
        func record(_ ref: UInt8, _ type: UInt8, _ help: String) -> [UInt8] {
            [6, ref, type, 2] + text("UNIT") + text("") + text("HELP") + text(help)
        }
        try log.append(record(1, 1, "older"))
        try log.append(record(1, 1, "A.") + record(2, 3, "B.").dropFirst() + record(3, 5, "C.").dropFirst())
        try log.close()
        let fixture = try StoreFixture(directory.path)
        #expect(
            fixture.store.metadata.families() == [
                "a_total": Self.entry("counter", "A."), "b": Self.entry("histogram", "B."),
                "c": Self.entry("summary", "C."),
            ])
    }

    @Test("takes memory from the budget, and no more than it has; names and texts are cut")
    func bounded() throws {
        let directory = try TemporaryDirectory()
        let budget = MemoryBudget(limitBytes: 4 << 20)
        do {
            let fixture = try StoreFixture(directory.path, budget: budget)
            let before = budget.used
            fixture.store.metadata.update("m") { $0.help = String(repeating: "x", count: 100_000) }
            #expect(fixture.store.metadata.families()["m"]?.help.count == 256)
            fixture.store.metadata.update(String(repeating: "n", count: 100_000)) { $0.help = "n" }
            #expect(fixture.store.metadata.families().count == 1)
            for index in 0..<50_000 { fixture.store.metadata.update("m\(index)") { $0.type = "gauge" } }
            #expect(budget.used > before && budget.headroom > (1 << 20) - 1000)
            #expect(fixture.store.metadata.families().count < 50_000)
            try fixture.store.close()
        }
        #expect(budget.used == 0)
    }
}
