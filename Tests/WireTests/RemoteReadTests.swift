import MartletCore
import Testing
import Wire

@Suite("Remote read messages")
struct RemoteReadTests {
    private func request() -> RemoteRead.Request {
        var hints = RemoteRead.Request.Hints()
        (hints.stepMs, hints.rangeMs, hints.function) = (15_000, 300_000, "rate")
        (hints.startMs, hints.endMs) = (-5, 10)
        var query = RemoteRead.Request.Query()
        (query.startMs, query.endMs, query.hints) = (-5, 10, hints)
        query.matchers = [
            .init(type: 0, name: "__name__", value: "up"), .init(type: 3, name: "job", value: "a.*"),
        ]
        var request = RemoteRead.Request()
        request.queries = [query, RemoteRead.Request.Query()]
        request.acceptedTypes = [1, 0, 7]
        return request
    }

    private func series(chunks: Int) -> RemoteRead.Series {
        var series = RemoteRead.Series(Labels([("__name__", "up"), ("job", "a")]))
        series.chunks = (0..<chunks).map {
            .init(minTimeMs: Int64($0), maxTimeMs: Int64($0) + 1, encoding: 1, data: [UInt8](repeating: 7, count: 100))
        }
        return series
    }

    @Test("a request reads back as it was written")
    func requests() throws {
        let bytes = request().protobuf()
        #expect(try bytes.withUnsafeBytes { try RemoteRead.Request(protobuf: $0) } == request())
    }

    @Test("a request cut or changed anywhere is read or refused, never more")
    func damage() {
        var random = SplitMix64(seed: 18)
        let bytes = request().protobuf()
        for _ in 0..<2000 {
            _ = try? random.mutate(bytes).withUnsafeBytes { try RemoteRead.Request(protobuf: $0) }
        }
    }

    @Test("samples and native histograms of each query come back in order")
    func samples() throws {
        var first = RemoteRead.Series(Labels([("a", "b")]))
        first.samples = [.init(timestamp: 1, value: 2), .init(timestamp: 0, value: 0)]
        var second = RemoteRead.Series()
        second.histograms = [WriteRequestVersion2Tests.histogram()]
        var writer = RemoteRead.ResponseWriter()
        writer.add(first)
        writer.endQuery()
        writer.endQuery()
        writer.add(second)
        writer.endQuery()
        let results = try writer.bytes.withUnsafeBytes { try RemoteRead.results($0) }
        #expect(results.map(\.count) == [1, 0, 1])
        #expect(results[0][0].labels == first.labels)
        #expect(results[0][0].samples == first.samples)
        #expect(results[2][0].histograms == second.histograms)
    }

    @Test("frames hold whole chunks up to about the limit, and are found however the stream is cut")
    func frames() throws {
        var stream: [UInt8] = []
        ReadFrames.append(series(chunks: 5), query: 0, limit: 250, to: &stream)
        ReadFrames.append(series(chunks: 1), query: 2, limit: 250, to: &stream)
        for step in [1, 7, stream.count] {
            var found: [(query: Int, chunks: Int)] = []
            var bytes: [UInt8] = []
            for start in stride(from: 0, to: stream.count, by: step) {
                bytes += stream[start..<min(start + step, stream.count)]
                var position = 0
                while let (query, series) = try ReadFrames.next(bytes, from: &position, limit: 1000) {
                    #expect(series.map(\.labels) == [self.series(chunks: 0).labels])
                    found.append((query, series[0].chunks.count))
                }
                bytes.removeFirst(position)
            }
            #expect(bytes.isEmpty)
            #expect(found.map(\.query) == [0, 0, 0, 2])
            #expect(found.map(\.chunks) == [2, 2, 1, 1])
        }
    }

    @Test("a frame with a wrong byte, or longer than allowed, is an error")
    func wrongFrames() {
        var stream: [UInt8] = []
        ReadFrames.append(series(chunks: 1), query: 0, limit: 250, to: &stream)
        var changed = stream
        changed[stream.count - 1] ^= 1
        #expect(throws: WireError.malformed(offset: 0, what: "frame with a wrong checksum")) {
            var position = 0
            _ = try ReadFrames.next(changed, from: &position, limit: 1000)
        }
        #expect(throws: WireError.self) {
            var position = 0
            _ = try ReadFrames.next(stream, from: &position, limit: 50)
        }
        #expect(throws: WireError.self) {
            var position = 0
            _ = try ReadFrames.next([UInt8](repeating: 0xFF, count: 12), from: &position, limit: 50)
        }
    }
}
