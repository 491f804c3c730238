import MartletCore
import Testing
import Wire

@Suite("Remote write request")
struct WriteRequestTests {
    static func body() -> [UInt8] {
        var encoder = RemoteWrite.Encoder()
        encoder.series(
            Labels([("__name__", "up"), ("job", "a")]),
            [.init(timestamp: 1000, value: 1), .init(timestamp: -5, value: 0), .init(timestamp: 0, value: -0.0)])
        encoder.series(Labels([("__name__", "x")]), [.init(timestamp: 2, value: OTLPMetricTranslation.staleMarker)])
        encoder.metadata(family: "up", type: 2, help: "is it", unit: "s")
        return encoder.bytes
    }

    @Test("gives labels, samples and metadata as flat columns")
    func columns() throws {
        let body = Self.body()
        var request = RemoteWrite.WriteRequest()
        // Twice, since a request is reused.
        for _ in 0..<2 {
            try body.withUnsafeBytes { try request.decode($0) }
            #expect(request.series.count == 2)
            let labels = request.series.map { request.labels($0.labels) }
            #expect(labels == [Labels([("__name__", "up"), ("job", "a")]), Labels([("__name__", "x")])])
            #expect(request.samples.map(\.timestamp) == [1000, -5, 0, 2])
            #expect(
                request.samples.map(\.value.bitPattern)
                    == [1.0, 0, -0.0, OTLPMetricTranslation.staleMarker].map(\.bitPattern))
            #expect(request.series.map(\.samples) == [0..<3, 3..<4])
            let metadata = try #require(request.metadata.first)
            body.withUnsafeBytes { buffer in
                #expect(metadata.family.text(in: buffer) == "up")
                #expect(metadata.help.text(in: buffer) == "is it")
                #expect(metadata.unit.text(in: buffer) == "s")
            }
            #expect(metadata.type == 2)
        }
    }

    @Test("keeps a series' labels together though exemplars have labels of their own")
    func exemplars() throws {
        func label(_ writer: inout ProtoWriter, _ name: String, _ value: String) {
            writer.message(1) {
                $0.string(1, name)
                $0.string(2, value)
            }
        }
        var writer = ProtoWriter()
        writer.message(1) { series in
            label(&series, "b", "1")
            series.message(3) { exemplar in
                label(&exemplar, "trace_id", "x")
                exemplar.double(2, 4.5)
                exemplar.int64(3, 77)
            }
            label(&series, "a", "2")
            series.message(4) { $0.double(3, 1) }
        }
        let body = writer.bytes
        var request = RemoteWrite.WriteRequest()
        try body.withUnsafeBytes { buffer in
            try request.decode(buffer)
            let series = try #require(request.series.first)
            #expect(request.labels(series.labels) == Labels([("a", "2"), ("b", "1")]))
            let exemplar = try #require(request.exemplars.first)
            #expect(request.labels(exemplar.labels) == Labels([("trace_id", "x")]))
            #expect(exemplar.value == 4.5)
            #expect(exemplar.timestamp == 77)
            #expect(series.histograms.count == 1)
        }
    }

    @Test("cut at any byte, it is refused or holds whole series only")
    func truncated() {
        let body = Self.body()
        var request = RemoteWrite.WriteRequest()
        var accepted: [Int] = []
        for length in 0..<body.count {
            body.withUnsafeBytes { buffer in
                let cut = UnsafeRawBufferPointer(rebasing: buffer[..<length])
                if (try? request.decode(cut)) != nil { accepted.append(request.series.count) }
            }
        }
        #expect(accepted == [0, 1, 2])
    }

    @Test("labels come in the order received and in the flat encoding, however the message writes them")
    func flatLabels() throws {
        let long = String(repeating: "x", count: 200)
        let pairs = [("b", "1"), ("a", ""), ("name_of_sixteen_", "value"), ("", "v"), ("long", long), ("z", "end")]
        var writer = ProtoWriter()
        writer.message(1) { series in
            for (index, pair) in pairs.enumerated() {
                series.message(1) { label in
                    // Value first, now and then, and a field that nobody knows.
                    if index % 3 == 2 { label.string(2, pair.1) }
                    label.string(1, pair.0)
                    if index % 3 == 1 { label.uint64(9, 7) }
                    if index % 3 != 2 { label.string(2, pair.1) }
                }
            }
        }
        let body = writer.bytes
        var request = RemoteWrite.WriteRequest()
        try body.withUnsafeBytes { try request.decode($0) }
        var found: [(String, String)] = []
        request.withLabels(try #require(request.series.first).labels) { bytes in
            Labels.walk(bytes) { name, value in
                found.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
            }
        }
        #expect(found.map(\.0) == pairs.map(\.0))
        #expect(found.map(\.1) == pairs.map(\.1))
    }

    @Test("many empty series cost no more memory than the limit")
    func memory() {
        var writer = ProtoWriter()
        for _ in 0..<10_000 { writer.message(1) { _ in } }
        let body = writer.bytes
        var request = RemoteWrite.WriteRequest()
        #expect(throws: WireError.tooLarge(limit: 100_000, what: "decoded request in bytes")) {
            try body.withUnsafeBytes { try request.decode($0, limits: DecodeLimits(memory: 100_000)) }
        }
    }
}
