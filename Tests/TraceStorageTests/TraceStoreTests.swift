import Durable
import Foundation
import Logging
import MartletCore
import Testing
import TraceQL
import TraceStorage
import Wire

@Suite("Trace store")
struct TraceStoreTests {
    private let directory: TemporaryDirectory
    private let budget = MemoryBudget(limitBytes: 1 << 30)
    private let now: UInt64 = 1_700_000_000_000_000_000

    init() throws {
        directory = try TemporaryDirectory("traces")
    }

    private func open(now: UInt64? = nil, _ change: (inout TraceStoreOptions) -> Void = { _ in }) throws -> TraceStore {
        var options = TraceStoreOptions()
        options.segmentBytes = 1 << 20
        change(&options)
        return try TraceStore(
            directory.path, options: options, budget: budget,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: now ?? self.now)
    }

    private func search(_ store: TraceStore, _ text: String, limit: Int = 20) throws -> [FoundTrace] {
        try TraceSearch(Query(parsing: text))
            .run(on: store, range: .always, limits: TraceSearch.Limits(traces: limit, spans: 100))
    }

    private func spans(_ store: TraceStore, _ low: UInt64, high: UInt64 = 0) throws -> [OTLP.Span] {
        guard let bytes = store.trace(high: high, low: low) else { return [] }
        return try OTLP.Traces(protobuf: bytes, limits: .standard).resourceSpans.flatMap {
            $0.scopeSpans.flatMap(\.spans)
        }
    }

    @Test("gives back every field of the protocol as it came, also after a restart")
    func content() throws {
        let sent = OTLPFixture.full()
        var store: TraceStore? = try open()
        let outcome = try #require(try store?.append(sent.protobuf(), now: now))
        #expect(outcome == TraceStore.Outcome(accepted: 1))
        #expect(store?.trace(high: 0x0102_0304_0506_0708, low: 9) == sent.protobuf())
        store = nil
        #expect(try open().trace(high: 0x0102_0304_0506_0708, low: 9) == sent.protobuf())
    }

    @Test("knows nothing of a trace that was not sent")
    func miss() throws {
        let store = try open()
        #expect(store.trace(high: 1, low: 2) == nil)
        _ = try store.append(OTLPFixture.full().protobuf(), now: now)
        #expect(store.trace(high: 1, low: 2) == nil)
    }

    @Test("keeps the last copy of a span that is sent again", arguments: [1, 3, 1000])
    func retries(rowsPerPart: Int) throws {
        let store = try open { $0.rowsPerPart = rowsPerPart }
        for duration in [500, 20, 70] as [UInt64] {
            let spans = [
                OTLPFixture.span(1, 10, "root", kind: 2, duration: duration),
                OTLPFixture.span(1, 10, "same id, other kind", kind: 3, start: 1_010, duration: 10),
            ]
            _ = try store.append(OTLPFixture.request(service: "a", spans).protobuf(), now: now)
        }
        let found = try spans(store, 1)
        #expect(found.map(\.endTimeUnixNano).sorted() == [1_020, 1_070])
        let traces = try search(store, "{ }")
        #expect(traces.count == 1)
        #expect(traces.first?.duration == 70)
        #expect(traces.first?.spanSets.first?.matched == 2)
        #expect(try search(store, "{ duration = 500ns }").isEmpty)
        #expect(try search(store, "{ duration = 70ns }").count == 1)
    }

    @Test("joins spans of one trace that come late, in any order, over several parts", arguments: [1, 2, 5, 1000])
    func fragments(rowsPerPart: Int) throws {
        let store = try open { $0.rowsPerPart = rowsPerPart }
        let root = OTLPFixture.span(1, 1, "root", start: 1_000, duration: 50)
        let middle = OTLPFixture.span(1, 2, parent: 1, "middle", start: 1_010, duration: 900, status: 2)
        let leaf = OTLPFixture.span(1, 3, parent: 2, "leaf", start: 1_020, duration: 5, attributes: [("k", "v")])
        let other = OTLPFixture.span(2, 1, "other", start: 5_000, duration: 5)
        for (service, span) in [("c", leaf), ("x", other), ("b", middle), ("a", root)] {
            _ = try store.append(OTLPFixture.request(service: service, [span]).protobuf(), now: now)
        }
        #expect(try spans(store, 1).map { "\($0.name)" } == ["leaf", "middle", "root"])
        let found = try #require(try search(store, "{ name = \"root\" } >> { .k = \"v\" }").first)
        #expect(found.rootName == Array("root".utf8))
        #expect(found.rootServiceName == Array("a".utf8))
        #expect(found.duration == 910)
        #expect(found.services.map { String(decoding: $0.name, as: UTF8.self) } == ["a", "b", "c"])
        #expect(found.services.map(\.errors) == [0, 1, 0])
        #expect(try search(store, "{ traceDuration = 910ns }").count == 1)
        #expect(try search(store, "{ rootName = \"root\" && name = \"leaf\" }").count == 1)
        #expect(try search(store, "{ nestedSetLeft = 1 }").map(\.id.low) == [2, 1])
        #expect(try search(store, "{ span:childCount = 1 }").first?.spanSets.first?.matched == 2)
        #expect(try search(store, "{ name = \"leaf\" } && { name = \"root\" }").count == 1)
        #expect(try search(store, "{ name = \"leaf\" } && { name = \"other\" }").isEmpty)
        #expect(try search(store, "{ } | count() = 3").map(\.id.low) == [1])
    }

    @Test("refuses spans with bad ids and keeps the rest")
    func badIDs() throws {
        let store = try open()
        let spans = [
            OTLPFixture.span(0, 1), OTLPFixture.span(1, 1, "good"), OTLPFixture.span(1, 0),
            OTLPFixture.span(1, 2, "good too"),
        ]
        let outcome = try store.append(OTLPFixture.request(service: "a", spans).protobuf(), now: now)
        #expect(outcome.accepted == 2)
        #expect(outcome.rejected == ["invalid_trace_id": 2])
        #expect(outcome.message == "2 spans refused: trace ids must have 16 bytes and span ids 8, not all zero")
        #expect(try self.spans(store, 1).map { "\($0.name)" } == ["good", "good too"])
        #expect(try open().statistics().spans == 2)
        #expect {
            _ = try store.append(OTLPFixture.request(service: "a", [OTLPFixture.span(0, 1)]).protobuf(), now: now)
        } throws: { error in
            guard case TraceStoreError.refused(_, let rejected) = error else { return false }
            return rejected == ["invalid_trace_id": 1]
        }
    }

    @Test("refuses the spans that make a trace too large, names the key, and does not bring them back on restart")
    func traceLimit() throws {
        let store = try open { $0.traceBytes = 200 }
        var refused = 0
        for id in 1...10 as ClosedRange<UInt64> {
            do {
                _ = try store.append(OTLPFixture.request(service: "a", [OTLPFixture.span(1, id)]).protobuf(), now: now)
            } catch {
                refused += 1
                #expect("\(error)".contains("raise overrides.defaults.global.max_bytes_per_trace"))
            }
        }
        #expect(refused > 0 && refused < 10)
        let mixed = [OTLPFixture.span(1, 50), OTLPFixture.span(2, 50)]
        let outcome = try store.append(OTLPFixture.request(service: "a", mixed).protobuf(), now: now)
        #expect(outcome.rejected == ["trace_too_large": 1])
        let held = store.statistics().spans
        #expect(held == 11 - refused)
        #expect(try open { $0.traceBytes = 200 }.statistics().spans == held)
    }

    @Test("counts a trace's size over all parts in which it lies, also after a restart", arguments: [1, 2, 3])
    func largeOverParts(rowsPerPart: Int) throws {
        var store: TraceStore? = try open {
            $0.traceBytes = 400
            $0.rowsPerPart = rowsPerPart
        }
        func send(_ ids: ClosedRange<UInt64>) -> Int {
            ids.reduce(0) { accepted, id in
                let request = OTLPFixture.request(
                    service: "a", [OTLPFixture.span(1, id), OTLPFixture.span(id + 100, 1)])
                guard let outcome = try? store?.append(request.protobuf(), now: now) else { return accepted }
                return accepted + (outcome.rejected.isEmpty ? 1 : 0)
            }
        }
        let accepted = send(1...20)
        #expect(accepted > 1 && accepted < 10)
        store = nil
        store = try open {
            $0.traceBytes = 400
            $0.rowsPerPart = rowsPerPart
        }
        #expect(send(21...40) == 0)
    }

    @Test("answers queries and takes spans while old segments are removed from a slow disk")
    func slowUnlink() throws {
        let disk = StallingFileSystem()
        let store = try TraceStore(
            directory.path, options: TraceStoreOptions(), budget: budget,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now, on: disk)
        _ = try store.append(OTLPFixture.request(service: "a", [OTLPFixture.span(1, 1)]).protobuf(), now: now)
        let later = now + 20_000_000_000
        let removing = Thread { store.maintain(now: later) }
        disk.stall()
        removing.start()
        disk.waitUntilStalled()
        _ = try store.append(OTLPFixture.request(service: "a", [OTLPFixture.span(2, 1)]).protobuf(), now: later)
        #expect(try spans(store, 2).count == 1)
        #expect(try spans(store, 1).count == 1)
        disk.goOn()
        // What came meanwhile is still in the log.
        try store.close()
        #expect(try open(now: later).statistics().spans == 2)
    }

    @Test("cuts attributes that are too long at a character's border and says so")
    func truncation() throws {
        let store = try open { $0.attributes = AttributeLimits(bytes: 5) }
        let span = OTLPFixture.span(1, 1, "name stays whole", attributes: [("k", "abcdé"), ("toolong", 1)])
        let outcome = try store.append(OTLPFixture.request(service: "a", [span]).protobuf(), now: now)
        #expect(outcome.truncated == 2)
        #expect(outcome.message.contains("distributor.max_attribute_bytes"))
        let attributes = try #require(try spans(store, 1).first).attributes
        #expect(attributes.map { "\($0.key)" } == ["k", "toolo"])
        #expect(attributes.first?.value == "abcd")
    }

    @Test("lets the oldest parts go by size and by age, and keeps neither memory nor log of what is in parts")
    func retention() throws {
        var store: TraceStore? = try open {
            $0.rowsPerPart = 50
            $0.spansPerFlush = 200
            $0.retentionBytes = 40_000
            $0.retentionSeconds = 10
            $0.flushSeconds = 0
        }
        for round in 0..<200 as Range<UInt64> {
            let spans = (1...20).map { OTLPFixture.span(round + 1, $0, "operation \(round)-\($0)") }
            _ = try store?.append(OTLPFixture.request(service: "a", spans).protobuf(), now: now + round)
        }
        store?.maintain(now: now + 200)
        let held = try #require(store?.statistics())
        #expect(held.spans + held.expired == 4000)
        #expect(held.expired > 0)
        #expect(held.partBytes <= 40_000)
        #expect(held.memory == 0)
        #expect(held.logBytes == 0)
        #expect(store?.trace(high: 0, low: 1) == nil)
        #expect(store?.trace(high: 0, low: 200) != nil)
        store?.maintain(now: now + 20_000_000_000)
        let later = try #require(store?.statistics())
        #expect(later.spans == 0)
        #expect(later.parts == 0)
        #expect(store?.trace(high: 0, low: 200) == nil)
        store = nil
        #expect(budget.used == 0)
    }

    @Test("does not read back what is older than the retention")
    func oldRecords() throws {
        let store = try open()
        _ = try store.append(OTLPFixture.full().protobuf(), now: now)
        _ = try store.append(
            OTLPFixture.request(service: "a", [OTLPFixture.span(1, 1)]).protobuf(), now: now + 7_000_000_000_000)
        let reopened = try open(now: now + 7_300_000_000_000) { $0.retentionSeconds = 7200 }
        #expect(reopened.statistics().spans == 1)
    }

    @Test("keeps spans of any age, in the log and in parts, while time does not limit them", arguments: [0, Int.max])
    func unlimitedRetention(seconds: Int) throws {
        let late = now + 1_000_000_000_000_000_000
        _ = try open { $0.retentionSeconds = seconds }.append(OTLPFixture.full().protobuf(), now: now)
        let store = try open(now: late) {
            $0.retentionSeconds = seconds
            $0.flushSeconds = 0
        }
        #expect(store.statistics().spans == 1)
        store.maintain(now: late)
        store.maintain(now: late)
        #expect(store.statistics().parts == 1)
        #expect(store.statistics().spans == 1)
    }

    @Test("refuses when the process has no memory left")
    func memory() throws {
        let store = try open()
        #expect(budget.reserve(budget.headroom))
        defer { budget.release(budget.limit) }
        #expect(throws: TraceStoreError.self) { try store.append(OTLPFixture.full().protobuf(), now: now) }
    }

    @Test("refuses a request that is small as sent and large in memory: for good, or until there is memory")
    func amplification() throws {
        let store = try open()
        // Two bytes are a span, an event or a link without fields.
        let spans = [UInt8]((0..<1 << 18).flatMap { _ in [0x12, 0x00] as [UInt8] })
        let events = [UInt8]((0..<1 << 18).flatMap { _ in [0x5A, 0x00, 0x6A, 0x00] as [UInt8] })
        for (content, fields) in [(spans, [2, 1]), (events, [2, 2, 1])] as [([UInt8], [UInt32])] {
            var body = content
            for field in fields {
                var writer = ProtoWriter()
                writer.bytes(field, body)
                body = writer.bytes
            }
            let request = body
            #expect {
                _ = try store.append(request, now: now, limits: DecodeLimits(memory: 1 << 20))
            } throws: { error in
                if case TraceStoreError.malformed(.tooLarge) = error { true } else { false }
            }
            let taken = budget.headroom - (2 << 20)
            #expect(budget.reserve(taken))
            defer { budget.release(taken) }
            #expect {
                _ = try store.append(request, now: now)
            } throws: { error in
                if case TraceStoreError.outOfMemory = error { true } else { false }
            }
        }
        #expect(store.statistics().spans == 0)
    }

    @Test("takes large requests that do not compress, and refuses for good what no segment of the log holds")
    func incompressible() throws {
        var random = SplitMix64(seed: 5)
        var noise: [UInt8] = []
        while noise.count < 33 << 20 { withUnsafeBytes(of: random.next()) { noise.append(contentsOf: $0) } }
        let span = OTLPFixture.span(1, 1, attributes: [("noise", .bytes(ByteString(noise)))])
        let request = OTLPFixture.request(service: "a", [span]).protobuf()
        let small = try open { $0.traceBytes = 0 }
        #expect {
            _ = try small.append(request, now: now)
        } throws: { error in
            if case TraceStoreError.malformed(.tooLarge) = error { true } else { false }
        }
        func openAsServed() throws -> TraceStore {
            try open {
                $0.traceBytes = 0
                $0.fit(requestBytes: 64 << 20)
            }
        }
        _ = try openAsServed().append(request, now: now)
        #expect(try openAsServed().statistics().spans == 1)
        var options = TraceStoreOptions()
        #expect(options.segmentBytes > 64 << 20)
        options.fit(requestBytes: 256 << 20)
        #expect(options.segmentBytes > 256 << 20)
    }

    @Test("refuses every truncation of a request, or takes what is whole in it")
    func truncatedRequests() throws {
        let store = try open()
        let bytes = OTLPFixture.full().protobuf()
        for end in bytes.indices.dropFirst() {
            #expect(throws: TraceStoreError.self) { try store.append(Array(bytes[..<end]), now: now) }
        }
        #expect(store.statistics().spans == 0)
    }

    @Test("neither stops nor grows without bound on damaged requests")
    func damagedRequests() throws {
        let store = try open()
        let bytes = OTLPFixture.full().protobuf()
        var random = SplitMix64(seed: 42)
        for _ in 0..<3000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? store.append(changed, now: now)
        }
        for query in [
            "{ .list = \"a\" }", "{ event:name != \"\" && link:spanID != \"\" }", "{ span:id =~ \".*\" } >> { }",
        ] {
            _ = try search(store, query, limit: 10_000)
        }
        let held = store.statistics().spans
        #expect(held > 0)
        #expect(try open().statistics().spans == held)
    }

    @Test("refuses text that is not UTF-8, wherever it stands")
    func invalidUTF8() throws {
        let store = try open()
        let bad = ByteString([0x61, 0xFF])
        var spans = (0..<6).map { OTLPFixture.span(1, UInt64($0) + 1) }
        spans[0].name = bad
        spans[1].attributes = [OTLP.KeyValue(key: bad, value: 1)]
        spans[2].attributes = [OTLP.KeyValue(key: "k", value: .string(bad))]
        spans[3].attributes = [OTLP.KeyValue(key: "k", value: .array([.map([OTLP.KeyValue(key: bad, value: 1)])]))]
        spans[4].events = [OTLP.Event(timeUnixNano: 1, name: bad)]
        spans[5].status = OTLP.Status(message: bad, code: 2)
        for span in spans {
            #expect(throws: TraceStoreError.self) {
                try store.append(OTLPFixture.request(service: "a", [span]).protobuf(), now: now)
            }
        }
        var request = OTLPFixture.request(service: "a", [OTLPFixture.span(1, 1)])
        request.resourceSpans[0].scopeSpans[0].scope.name = bad
        #expect(throws: TraceStoreError.self) { try store.append(request.protobuf(), now: now) }
        #expect(store.statistics().spans == 0)
    }

    @Test("refuses values nested without end")
    func depth() throws {
        let store = try open()
        var value = OTLP.AnyValue.bool(true)
        for _ in 0..<90 { value = .array([value]) }
        let fine = OTLPFixture.span(1, 1, attributes: [("deep", value)])
        _ = try store.append(OTLPFixture.request(service: "a", [fine]).protobuf(), now: now)
        for _ in 0..<20 { value = .array([value]) }
        let deep = OTLPFixture.span(1, 2, attributes: [("deep", value)])
        #expect(throws: TraceStoreError.self) {
            try store.append(OTLPFixture.request(service: "a", [deep]).protobuf(), now: now)
        }
    }

    @Test("what a query holds does not change under it")
    func snapshots() throws {
        let store = try open { $0.rowsPerPart = 3 }
        _ = try store.append(OTLPFixture.request(service: "a", [OTLPFixture.span(1, 1)]).protobuf(), now: now)
        let view = store.snapshot(overlapping: .always)
        for id in 2...10 as ClosedRange<UInt64> {
            _ = try store.append(OTLPFixture.request(service: "a", [OTLPFixture.span(1, id)]).protobuf(), now: now)
        }
        #expect(view.tables.reduce(0) { $0 + $1.spanCount } == 1)
        #expect(view.fragments(of: TraceRef(table: 0, trace: 0)).count == 1)
    }
}
