import MartletCore
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

    /// The answer to `match[]={job="j"}`.
    private func federate(_ fixture: ServerFixture) async throws -> String {
        try await fixture.get("/federate?match%5B%5D=%7Bjob%3D%22j%22%7D").text
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
}
