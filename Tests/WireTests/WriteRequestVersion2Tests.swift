import MartletCore
import Testing
import Wire

@Suite("Remote write 2.0 request")
struct WriteRequestVersion2Tests {
    static func histogram() -> RemoteWrite.Histogram {
        var histogram = RemoteWrite.Histogram()
        histogram.timestamp = 5
        histogram.startTimestamp = 2
        histogram.count = 6
        histogram.zeroCount = 1
        histogram.sum = 3.5
        histogram.schema = -53
        histogram.customBounds = [0.1, 1]
        histogram.positiveSpans = [.init(offset: 0, length: 2), .init(offset: 3, length: 1)]
        histogram.positive = [3, 1, 1]
        histogram.resetHint = 1
        return histogram
    }

    static func body() -> [UInt8] {
        var encoder = RemoteWrite.EncoderVersion2()
        encoder.series(
            Labels([("__name__", "requests_total"), ("job", "a")]),
            [.init(timestamp: 1000, value: 1), .init(timestamp: -5, value: -0.0)], startTimestamps: [7, 0],
            exemplars: [.init(Labels([("trace_id", "x")]), value: 4.5, timestamp: 77)],
            metadata: .init(type: 1, help: "how many", unit: "requests"))
        encoder.series(
            Labels([("__name__", "requests_total"), ("job", "b")]), [.init(timestamp: 2, value: 0)],
            metadata: .init(type: 1, help: "how many", unit: "requests"))
        encoder.series(Labels([("__name__", "sizes")]), histograms: [histogram()])
        return encoder.bytes
    }

    @Test("gives labels, samples with their starts, exemplars, histograms and metadata as flat columns")
    func columns() throws {
        let body = Self.body()
        var request = RemoteWrite.WriteRequest()
        // Twice, since a request is reused.
        for _ in 0..<2 {
            try body.withUnsafeBytes { buffer in
                try request.decodeVersion2(buffer)
                #expect(
                    request.series.map { request.labels($0.labels) }
                        == [
                            Labels([("__name__", "requests_total"), ("job", "a")]),
                            Labels([("__name__", "requests_total"), ("job", "b")]), Labels([("__name__", "sizes")]),
                        ])
                #expect(request.samples.map(\.timestamp) == [1000, -5, 2])
                #expect(request.samples.map(\.value.bitPattern) == [1.0, -0.0, 0].map(\.bitPattern))
                #expect(request.startTimestamps == [7, 0, 0])
                #expect(request.series.map(\.samples) == [0..<2, 2..<3, 3..<3])
                let exemplar = try #require(request.exemplars.first)
                #expect(request.labels(exemplar.labels) == Labels([("trace_id", "x")]))
                #expect(exemplar.value == 4.5)
                #expect(exemplar.timestamp == 77)
                let range = try #require(request.histograms.first)
                #expect(try RemoteWrite.Histogram(range, in: buffer) == Self.histogram())
                // Two series of one metric bring it once.
                #expect(request.metadata.map { $0.family.text(in: buffer) } == ["requests_total"])
                #expect(request.metadata.map { $0.help.text(in: buffer) } == ["how many"])
                #expect(request.metadata.map { $0.unit.text(in: buffer) } == ["requests"])
                #expect(request.metadata.map(\.type) == [1])
                #expect(request.refusals.isEmpty)
            }
        }
    }

    @Test("what points to no symbol is left out and said; the rest is taken")
    func refusals() throws {
        var writer = ProtoWriter()
        // Symbols that follow what uses them count, too.
        for references: [UInt64] in [[1, 2], [1], [1, 9], [1, 3]] {
            writer.message(5) { series in
                series.packedUInt64(1, references)
                series.message(2) { $0.int64(2, Int64(references.count)) }
                series.message(4) { $0.packedUInt64(1, [2, 7]) }
                series.message(5) { $0.uint64(3, 12) }
            }
        }
        for symbol in ["", "__name__", "a", "b"] { writer.string(4, symbol) }
        let body = writer.bytes
        var request = RemoteWrite.WriteRequest()
        try body.withUnsafeBytes { try request.decodeVersion2($0) }
        #expect(
            request.series.map { request.labels($0.labels) }
                == [Labels([("__name__", "a")]), Labels([("__name__", "b")])])
        #expect(request.samples.count == 2)
        #expect(request.startTimestamps.count == 2)
        #expect(request.exemplars.isEmpty)
        #expect(request.metadata.isEmpty)
        #expect(
            request.refusals.map(\.reason)
                == [
                    "metadata with a reference to symbol 12 of 4", "exemplar with a reference to symbol 7 of 4",
                    "an odd number of references to symbols: 1", "a reference to symbol 9 of 4",
                    "metadata with a reference to symbol 12 of 4", "exemplar with a reference to symbol 7 of 4",
                ])
        #expect(request.refusals.map(\.samples) == [0, 0, 1, 1, 0, 0])
    }

    @Test("labels have the flat encoding, whatever their lengths and however these are written")
    func flatLabels() throws {
        let texts = ["", "a", String(repeating: "x", count: 127), String(repeating: "y", count: 300)]
        var body: [UInt8] = []
        for text in texts {
            body.append(0x22)
            // A length with a byte more than it needs.
            body.append(contentsOf: [UInt8(text.utf8.count & 0x7F) | 0x80, UInt8(text.utf8.count >> 7) | 0x80, 0])
            body.append(contentsOf: text.utf8)
        }
        var writer = ProtoWriter(appendingTo: body)
        for text in texts { writer.string(4, text) }
        writer.message(5) { $0.packedUInt64(1, [0, 1, 2, 3, 4, 5, 6, 7]) }
        body = writer.bytes
        var request = RemoteWrite.WriteRequest()
        try body.withUnsafeBytes { try request.decodeVersion2($0) }
        var found: [String] = []
        request.withLabels(try #require(request.series.first).labels) { bytes in
            var walk = LabelWalk(bytes)
            while let (name, value) = walk.next() {
                found += [String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)]
            }
            #expect(walk.ended && walk.minimal)
        }
        #expect(found == texts + texts)
    }

    @Test("a long symbol that is named again and again costs no more memory than the limit")
    func memory() {
        var writer = ProtoWriter()
        writer.string(4, "")
        writer.string(4, String(repeating: "x", count: 50_000))
        for _ in 0..<1000 { writer.message(5) { $0.packedUInt64(1, [1, 1]) } }
        let body = writer.bytes
        var request = RemoteWrite.WriteRequest()
        #expect(throws: WireError.tooLarge(limit: 1_000_000, what: "decoded request in bytes")) {
            try body.withUnsafeBytes {
                try request.decodeVersion2($0, limits: DecodeLimits(memory: 1_000_000))
            }
        }
    }

    @Test("a table of symbols has every text once, the empty one first")
    func symbols() {
        var encoder = RemoteWrite.EncoderVersion2()
        for number in 0..<200 {
            encoder.series(Labels([("__name__", "m"), ("number", "\(number)")]), [.init(timestamp: 1, value: 1)])
        }
        let body = encoder.bytes
        #expect(encoder.count == body.count)
        var found: [String] = []
        body.withUnsafeBytes { buffer in
            var cursor = ProtoCursor(buffer)
            while (try? cursor.next()) == true {
                guard cursor.field == 4, let text = try? cursor.byteRange() else {
                    try? cursor.skip()
                    continue
                }
                found.append(text.text(in: buffer))
            }
        }
        #expect(found.count == 204)
        #expect(Set(found).count == 204)
        #expect(found.first == "")
    }

    @Test(
        "a Content-Type names the message",
        arguments: [
            ("application/x-protobuf", RemoteWrite.Message.version1),
            ("application/x-protobuf;proto=prometheus.WriteRequest", .version1),
            ("application/x-protobuf; proto=io.prometheus.write.v2.Request", .version2),
            ("application/x-protobuf;charset=utf-8;proto=io.prometheus.write.v2.Request", .version2),
            ("application/x-protobuf;proto=io.prometheus.write.v3.Request", nil), ("application/json", nil),
            ("application/x-protobuf;proto", nil), ("", nil),
        ])
    func contentType(text: String, message: RemoteWrite.Message?) {
        #expect(RemoteWrite.Message(contentType: text) == message)
    }
}
