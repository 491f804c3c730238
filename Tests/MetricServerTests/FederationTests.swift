import AsyncHTTPClient
import MartletCore
import NIOCore
import NIOHTTP1
import Service
import Testing
import Wire

@Suite("Federation")
struct FederationTests {
    private func histogram(at time: Int64, schema: Int32) -> RemoteWrite.Histogram {
        var histogram = RemoteWrite.Histogram()
        histogram.timestamp = time
        histogram.count = 6
        histogram.sum = 4.5
        histogram.schema = schema
        histogram.customBounds = schema == -53 ? [0.5, 2] : []
        histogram.positiveSpans = [.init(offset: 0, length: 3)]
        histogram.positive = [1, 2, 3]
        return histogram
    }

    /// The answer to `match[]={job="j"}`, with names as they are.
    private func federate(_ fixture: ServerFixture) async throws -> String {
        try await federate(fixture, accept: "text/plain;escaping=allow-utf-8").text
    }

    private func federate(
        _ fixture: ServerFixture, accept: String?
    ) async throws -> (type: String?, text: String, bytes: [UInt8]) {
        var request = HTTPClientRequest(url: fixture.server.url + "/federate?match%5B%5D=%7Bjob%3D%22j%22%7D")
        if let accept { request.headers.add(name: "Accept", value: accept) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let body = try await response.body.collect(upTo: 1 << 20)
        return (response.headers.first(name: "Content-Type"), String(buffer: body), Array(body.readableBytesView))
    }

    @Test("values and names are escaped as the text format has it, and no further")
    func escaping() async throws {
        try await withServer { fixture in
            var encoder = RemoteWrite.EncoderVersion2()
            encoder.series(
                Labels([("__name__", "a"), ("job", "j"), ("v", "\t\u{a0}x\", y\\\n")]),
                [.init(timestamp: fixture.now, value: 1_000_000)])
            encoder.series(
                Labels([("__name__", "b.c"), ("job", "j"), ("d e", "f")]), [.init(timestamp: fixture.now, value: -0.5)])
            let answer = try await fixture.writeVersion2(encoder.bytes)
            #expect(answer.status == 204)
            let text = try await federate(fixture)
            #expect(
                text == #"""
                    # TYPE a untyped
                    a{job="j",v="\#t\#u{a0}x\", y\\\n",instance=""} 1e+06 \#(fixture.now)
                    # TYPE "b.c" untyped
                    {"b.c","d e"="f",job="j",instance=""} -0.5 \#(fixture.now)

                    """#)
        }
    }

    @Test("series of a name are together, whatever their labels are called")
    func order() async throws {
        try await withServer { fixture in
            var encoder = RemoteWrite.EncoderVersion2()
            for (name, zone) in [("m1", "b"), ("m2", "a"), ("m2", "c")] {
                encoder.series(
                    Labels([("__name__", name), ("job", "j"), ("Zone", zone)]),
                    [.init(timestamp: fixture.now, value: 1)])
            }
            let answer = try await fixture.writeVersion2(encoder.bytes)
            #expect(answer.status == 204)
            let text = try await federate(fixture)
            #expect(
                text == """
                    # TYPE m1 untyped
                    m1{Zone="b",job="j",instance=""} 1 \(fixture.now)
                    # TYPE m2 untyped
                    m2{Zone="a",job="j",instance=""} 1 \(fixture.now)
                    m2{Zone="c",job="j",instance=""} 1 \(fixture.now)

                    """)
        }
    }

    @Test("the newest sample counts: a histogram with bounds of its own is a classic one, any other is left out")
    func histograms() async throws {
        try await withServer { fixture in
            let (before, after) = (fixture.now - 2000, fixture.now - 1000)
            func labels(_ name: String) -> Labels { Labels([("__name__", name), ("job", "j")]) }
            var first = RemoteWrite.EncoderVersion2()
            first.series(labels("again"), histograms: [histogram(at: before, schema: -53)])
            first.series(labels("own"), [.init(timestamp: before, value: 1)])
            first.series(labels("powers"), [.init(timestamp: before, value: 1)])
            let firstAnswer = try await fixture.writeVersion2(first.bytes)
            #expect(firstAnswer.status == 204)
            var second = RemoteWrite.EncoderVersion2()
            second.series(labels("again"), [.init(timestamp: after, value: 7)])
            second.series(labels("own"), histograms: [histogram(at: after, schema: -53)])
            second.series(labels("powers"), histograms: [histogram(at: after, schema: 0)])
            let secondAnswer = try await fixture.writeVersion2(second.bytes)
            #expect(secondAnswer.status == 204)
            let text = try await federate(fixture)
            #expect(
                text == """
                    # TYPE again untyped
                    again{job="j",instance=""} 7 \(after)
                    # TYPE own histogram
                    own_bucket{job="j",instance="",le="0.5"} 1 \(after)
                    own_bucket{job="j",instance="",le="2"} 3 \(after)
                    own_bucket{job="j",instance="",le="+Inf"} 6 \(after)
                    own_sum{job="j",instance=""} 4.5 \(after)
                    own_count{job="j",instance=""} 6 \(after)

                    """)
        }
    }

    @Test(
        "names that are no legacy names are written as the asking server wants them, with underscores when it says nothing"
    )
    func schemes() async throws {
        try await withServer { fixture in
            var encoder = RemoteWrite.EncoderVersion2()
            encoder.series(
                Labels([("__name__", "b.c_d"), ("job", "j"), ("e f", "g")]), [.init(timestamp: fixture.now, value: 1)])
            let written = try await fixture.writeVersion2(encoder.bytes)
            #expect(written.status == 204)
            for (accept, scheme, line) in [
                (nil, "underscores", #"b_c_d{e_f="g",job="j",instance=""} 1 "#),
                ("text/plain;version=0.0.4;escaping=dots", "dots", #"b_dot_c__d{e__f="g",job="j",instance=""} 1 "#),
                (
                    "text/plain;escaping=values", "values", #"U__b_2e_c__d{U__e_20_f="g",job="j",instance=""} 1 "#
                ),
            ] {
                let answer = try await federate(fixture, accept: accept)
                #expect(answer.type == "text/plain; version=0.0.4; charset=utf-8; escaping=\(scheme)")
                #expect(answer.text.contains(line), "\(answer.text)")
            }
        }
    }

    @Test("protobuf has all native histograms, those with bounds of their own as classic ones")
    func protobuf() async throws {
        try await withServer { fixture in
            var encoder = RemoteWrite.EncoderVersion2()
            func labels(_ name: String) -> Labels { Labels([("__name__", name), ("job", "j")]) }
            encoder.series(labels("float"), [.init(timestamp: fixture.now, value: 1.5)])
            encoder.series(labels("own"), histograms: [histogram(at: fixture.now, schema: -53)])
            encoder.series(labels("powers"), histograms: [histogram(at: fixture.now, schema: 1)])
            let written = try await fixture.writeVersion2(encoder.bytes)
            #expect(written.status == 204)
            let answer = try await federate(fixture, accept: ScrapeProtocol.accept([.protobuf]))
            #expect(
                answer.type == "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily;"
                    + " encoding=delimited; escaping=underscores")
            var found: [String: Double] = [:]
            var native: RemoteWrite.Histogram?
            try answer.bytes.withUnsafeBytes { bytes in
                var reader = MetricFamilyReader(bytes, HistogramReading(takesNative: true))
                while let entry = try reader.next() {
                    guard entry == .series || entry == .histogram else { continue }
                    if entry == .histogram { native = reader.histogram }
                    let labels = try reader.labels()
                    #expect(reader.timestamp == fixture.now)
                    #expect(labels["job"] == "j")
                    found[(labels["__name__"] ?? "") + (labels["le"] ?? "")] = reader.value
                }
            }
            #expect(found["float"] == 1.5)
            #expect(found["own_count"] == 6)
            #expect(found["own_bucket2.0"] == 3)
            #expect(native?.schema == 1)
            #expect(native?.positive.map(Double.init(bitPattern:)) == [1, 2, 3])
        }
    }
}
