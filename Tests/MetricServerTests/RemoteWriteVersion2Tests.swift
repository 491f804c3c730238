import MartletCore
import Testing
import Wire

@Suite("Receiving remote write 2.0")
struct RemoteWriteVersion2Tests {
    private func labels(_ name: String) -> Labels { Labels([("__name__", name), ("job", "j")]) }

    private func histogram(at time: Int64, count: UInt64) -> RemoteWrite.Histogram {
        var histogram = RemoteWrite.Histogram()
        histogram.timestamp = time
        histogram.count = count
        histogram.sum = 4.5
        histogram.schema = -53
        histogram.customBounds = [1, 2]
        histogram.positiveSpans = [.init(offset: 0, length: 3)]
        histogram.positive = [1, 2, 3]
        return histogram
    }

    @Test("stores samples, histograms with bounds of their own, exemplars and metadata, and says how many")
    func roundTrip() async throws {
        try await withServer { fixture in
            var encoder = RemoteWrite.EncoderVersion2()
            encoder.series(
                labels("requests_total"),
                [.init(timestamp: fixture.now - 2000, value: 1), .init(timestamp: fixture.now - 1000, value: 3)],
                exemplars: [.init(Labels([("trace_id", "t")]), value: 0.25, timestamp: fixture.now - 1500)],
                metadata: .init(type: 1, help: "how many", unit: "requests"))
            encoder.series(
                labels("sizes_bucket"), [.init(timestamp: fixture.now - 1000, value: 7)],
                metadata: .init(type: 3, help: "how large"))
            encoder.series(labels("native"), histograms: [histogram(at: fixture.now - 1000, count: 6)])
            let answer = try await fixture.writeVersion2(encoder.bytes)
            #expect(answer.status == 204, "\(answer.text)")
            #expect(answer.written == ["3", "1", "1"])

            let time = fixture.now / 1000 + 1
            let sum = try await fixture.get("/api/v1/query?query=sum_over_time(requests_total[1m])&time=\(time)")
            #expect(sum.json["data"]?["result"]?[0]?["value"]?[1]?.string == "4")
            let native = try await fixture.get("/api/v1/query?query=native&time=\(time)")
            let buckets = native.json["data"]?["result"]?[0]?["histogram"]?[1]?["buckets"]
            #expect(buckets?[2] == [0, "2", "+Inf", "3"])
            let times = "start=\(time - 60)&end=\(time)"
            let exemplars = try await fixture.get("/api/v1/query_exemplars?query=requests_total&\(times)")
            #expect(exemplars.json["data"]?[0]?["exemplars"]?[0]?["labels"]?["trace_id"]?.string == "t")
            let metadata = try await fixture.get("/api/v1/metadata")
            #expect(metadata.json["data"]?["requests_total"]?[0]?["help"]?.string == "how many")
            #expect(metadata.json["data"]?["requests_total"]?[0]?["unit"]?.string == "requests")
            // A part of a classic histogram brings what its family is.
            #expect(metadata.json["data"]?["sizes"]?[0]?["type"]?.string == "histogram")
        }
    }

    @Test("a request that is wrong in part is stored in part, and the answer says what and why")
    func partialWrite() async throws {
        try await withServer { fixture in
            var earlier = RemoteWrite.EncoderVersion2()
            earlier.series(labels("a"), [.init(timestamp: fixture.now, value: 1)])
            #expect(try await fixture.writeVersion2(earlier.bytes).status == 204)
            var encoder = RemoteWrite.EncoderVersion2()
            encoder.series(labels("b"), [.init(timestamp: fixture.now, value: 1)])
            encoder.series(labels("a"), [.init(timestamp: fixture.now - 5000, value: 1)])
            encoder.series(Labels([("job", "nameless")]), [.init(timestamp: fixture.now, value: 1)])
            encoder.series(labels("empty"))
            encoder.series(
                labels("both"), [.init(timestamp: fixture.now, value: 1)],
                histograms: [histogram(at: fixture.now, count: 6)])
            encoder.series(labels("h"), histograms: [histogram(at: fixture.now, count: 6)])
            encoder.series(labels("wrong"), histograms: [histogram(at: fixture.now, count: 5)])
            let answer = try await fixture.writeVersion2(encoder.bytes)
            #expect(answer.status == 400)
            for reason in [
                "out of order sample (1)", "missing metric name (1)", "a series without samples (1)",
                "a series with both samples and histograms (2)", "histogram's observation count should equal",
            ] {
                #expect(answer.text.contains(reason), "\(answer.text)")
            }
            #expect(answer.written == ["1", "1", "0"])
            let kept = try await fixture.get("/api/v1/query?query=b&time=\(fixture.now / 1000 + 1)")
            #expect(kept.json["data"]?["result"]?[0]?["value"]?[1]?.string == "1")
        }
    }

    @Test("errors say that nothing was written")
    func malformed() async throws {
        try await withServer { fixture in
            let answer = try await fixture.writeVersion2([0x2A, 0xFF])
            #expect(answer.status == 400)
            #expect(answer.written == ["0", "0", "0"])
        }
    }

    @Test("a message that the flags leave out is refused with 415, the other one is taken")
    func acceptedMessages() async throws {
        let flags = ["--web.remote-write-receiver.accepted-protobuf-messages", "io.prometheus.write.v2.Request"]
        try await withServer(flags) { fixture in
            let old = try await fixture.write([("a", fixture.now, 1)])
            #expect(old.status == 415)
            #expect(old.text.contains("send application/x-protobuf;proto=io.prometheus.write.v2.Request"))
            var encoder = RemoteWrite.EncoderVersion2()
            encoder.series(labels("a"), [.init(timestamp: fixture.now, value: 1)])
            #expect(try await fixture.writeVersion2(encoder.bytes).status == 204)
        }
    }

    @Test("with the feature flag a counter begins with a zero at its start, once")
    func zeroAtStart() async throws {
        try await withServer(["--enable-feature", "created-timestamp-zero-ingestion"]) { fixture in
            let start = fixture.now - 30_000
            for (time, value) in [(fixture.now - 20_000, 5.0), (fixture.now - 10_000, 7)] {
                var encoder = RemoteWrite.EncoderVersion2()
                encoder.series(
                    labels("c_total"), [.init(timestamp: time, value: value)], startTimestamps: [start])
                var sized = histogram(at: time, count: 6)
                sized.startTimestamp = start
                encoder.series(labels("h"), histograms: [sized])
                let answer = try await fixture.writeVersion2(encoder.bytes)
                #expect(answer.status == 204, "\(answer.text)")
                #expect(answer.written == ["1", "1", "0"])
            }
            let time = fixture.now / 1000 + 1
            let points = try await fixture.get("/api/v1/query?query=c_total[1m]&time=\(time)")
            let values = points.json["data"]?["result"]?[0]?["values"]?.array?.compactMap { $0[1]?.string }
            #expect(values == ["0", "5", "7"])
            let counts = try await fixture.get("/api/v1/query?query=count_over_time(h[1m])&time=\(time)")
            #expect(counts.json["data"]?["result"]?[0]?["value"]?[1]?.string == "3")
        }
    }
}
