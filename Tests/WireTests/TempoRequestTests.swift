import Testing
import Wire

@Suite("Questions to Tempo's query API over gRPC")
struct TempoRequestTests {
    private static let search: [UInt8] = {
        var writer = ProtoWriter()
        for (key, value) in [("b", "2"), ("a", "1")] {
            writer.message(1) {
                $0.string(1, key)
                $0.string(2, value)
            }
        }
        writer.uint64(2, 10)
        writer.uint64(4, 20)
        writer.uint64(5, 1_700_000_000)
        writer.string(8, "{ name = \"ü\" }")
        writer.uint64(9, 3)
        // Fields that a client's newer schema may have.
        writer.message(10) { $0.int64(1, 5) }
        writer.string(11, "x")
        return writer.bytes
    }()

    @Test("a search: what is not asked for is 0, and tags have an order")
    func searchRequest() throws {
        let request = try Self.search.withUnsafeBytes { try Tempo.SearchRequest(protobuf: $0) }
        #expect(request.query == "{ name = \"ü\" }")
        #expect(request.tags.map(\.key) == ["a", "b"])
        #expect(request.tags.map(\.value) == ["1", "2"])
        #expect(request.minDurationMs == 10)
        #expect(request.maxDurationMs == 0)
        #expect(request.limit == 20)
        #expect(request.start == 1_700_000_000)
        #expect(request.end == 0)
        #expect(request.spansPerSpanSet == 3)
    }

    @Test("tags, their values, and metrics")
    func others() throws {
        var writer = ProtoWriter()
        writer.string(1, "span")
        writer.string(2, "{ }")
        writer.uint64(3, 7)
        writer.uint64(5, 9)
        let tags = try writer.bytes.withUnsafeBytes { try Tempo.TagsRequest(protobuf: $0) }
        #expect((tags.scope, tags.query) == ("span", "{ }"))
        #expect((tags.start, tags.end, tags.limit) == (7, 0, 9))

        writer = ProtoWriter()
        writer.string(1, ".x")
        writer.string(2, "{ }")
        writer.uint64(4, 7)
        writer.uint64(6, 9)
        let values = try writer.bytes.withUnsafeBytes { try Tempo.TagValuesRequest(protobuf: $0) }
        #expect((values.name, values.query) == (".x", "{ }"))
        #expect((values.start, values.end, values.limit) == (7, 0, 9))

        writer = ProtoWriter()
        writer.string(1, "{ } | rate()")
        writer.uint64(2, 1)
        writer.uint64(3, .max)
        writer.uint64(4, 60_000_000_000)
        writer.uint64(17, 5)
        let range = try writer.bytes.withUnsafeBytes { try Tempo.MetricsRequest(range: $0) }
        #expect((range.query, range.start, range.end) == ("{ } | rate()", 1, .max))
        #expect((range.step, range.maxSeries) == (60_000_000_000, 5))
        let instant = try writer.bytes.withUnsafeBytes { try Tempo.MetricsRequest(instant: $0) }
        #expect((instant.query, instant.start, instant.end, instant.step) == ("{ } | rate()", 1, .max, 0))
    }

    @Test("an empty message asks for everything, text that is none is refused")
    func edges() throws {
        let empty = try [UInt8]().withUnsafeBytes { try Tempo.SearchRequest(protobuf: $0) }
        #expect(empty.query.isEmpty && empty.tags.isEmpty && empty.limit == 0)
        #expect(throws: WireError.malformed(offset: 0, what: "UTF-8 in query")) {
            _ = try ([0x42, 2, 0xFF, 0xFE] as [UInt8]).withUnsafeBytes { try Tempo.SearchRequest(protobuf: $0) }
        }
    }

    @Test("hostile bytes are refused or read, never a crash")
    func hostile() {
        var random = SplitMix64(seed: 6)
        for _ in 0..<3000 {
            let bytes = random.mutate(Self.search)
            bytes.withUnsafeBytes {
                _ = try? Tempo.SearchRequest(protobuf: $0)
                _ = try? Tempo.TagsRequest(protobuf: $0)
                _ = try? Tempo.TagValuesRequest(protobuf: $0)
                _ = try? Tempo.MetricsRequest(range: $0)
                _ = try? Tempo.MetricsRequest(instant: $0)
            }
        }
    }
}
