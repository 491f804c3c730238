import MartletCore
import Testing
import TraceSampling
import Wire

@Suite("Head sampling")
struct HeadSamplerTests {
    private typealias Verdict = HeadSampler.Verdict

    private func sampler(
        _ percentage: Float, _ mode: HeadSampling.Mode, _ change: (inout HeadSampling) -> Void = { _ in }
    ) -> HeadSampler {
        var sampling = HeadSampling(percentage: percentage)
        sampling.mode = mode
        change(&sampling)
        return HeadSampler(sampling)
    }

    private func decide(
        _ sampler: HeadSampler, high: UInt64 = 0, low: UInt64, state: String = "", _ priority: SamplingPriority = .none
    ) -> Verdict {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { id in
            Bytes.of(state) { sampler.decide(traceID: id, state: $0, priority: priority) }
        }
    }

    private func kept(_ state: String) -> Verdict { .kept(traceState: Array(state.utf8)) }

    @Test(
        "hash_seed hashes seed and id as the Collector does, and says how in the tracestate",
        arguments: [
            (UInt32(0), Float(50), UInt64(2), nil), (0, 50, 3, "ot=rv:818c2db46fdf9c;th:8"),
            (0, 50, 4, "ot=rv:87d82d745fde09;th:8"), (0, 15.3, 5, nil), (22, 50, 5, nil),
            (22, 100, 5, "ot=rv:320c1f48d3f37c;th:0"), (22, 0, 5, nil), (0, 0.001, 3, nil),
        ] as [(UInt32, Float, UInt64, String?)])
    func hashSeed(seed: UInt32, percentage: Float, low: UInt64, state: String?) {
        let verdict = decide(sampler(percentage, .hashSeed) { $0.seed = seed }, low: low)
        #expect(verdict == state.map { kept($0) } ?? .leftOut)
    }

    @Test(
        "keeps about its share of the traces, and those that a smaller share keeps",
        arguments: HeadSampling.Mode.allCases)
    func shares(mode: HeadSampling.Mode) {
        func chosen(_ percentage: Float) -> Set<UInt64> {
            let sampler = sampler(percentage, mode)
            return Set(
                (1...10_000).filter { number in
                    decide(
                        sampler, high: number &* 0x9E37_79B9_7F4A_7C15, low: number &* 0xD6E8_FEB8_6659_FD93)
                        != .leftOut
                })
        }
        let tenth = chosen(10)
        #expect((900...1100).contains(tenth.count))
        #expect(chosen(30).isSuperset(of: tenth))
        #expect(chosen(0).isEmpty)
        #expect(chosen(100).count == 10_000)
    }

    @Test(
        "proportional takes its share of what is left, by the id's randomness or the tracestate's",
        arguments: [
            (UInt64(0x00FF_FFFF_FFFF_FFFF), "", "ot=th:8"), (0x0080_0000_0000_0000, "", "ot=th:8"),
            (0x007F_FFFF_FFFF_FFFF, "", nil), (0xFF7F_FFFF_FFFF_FFFF, "", nil),
            (0x00BF_FFFF_FFFF_FFFF, "ot=th:8", nil), (0x00C0_0000_0000_0000, "ot=th:8", "ot=th:c"),
            (0, "ot=rv:80000000000000", "ot=rv:80000000000000;th:8"),
            (
                0, "a=b, ot=x:1;rv:ffffffffffffff,c=d",
                "ot=rv:ffffffffffffff;th:8;x:1,a=b,c=d"
            ),
        ] as [(UInt64, String, String?)])
    func proportional(low: UInt64, before: String, after: String?) {
        #expect(decide(sampler(50, .proportional), low: low, state: before) == after.map { kept($0) } ?? .leftOut)
    }

    @Test(
        "equalizing samples only as far as others have not",
        arguments: [
            (UInt64(0x0080_0000_0000_0000), "", "ot=th:8"), (0x007F_FFFF_FFFF_FFFF, "", nil),
            (0x00F0_0000_0000_0000, "ot=th:f", "ot=th:f"), (0x0080_0000_0000_0000, "ot=th:4", "ot=th:8"),
        ] as [(UInt64, String, String?)])
    func equalizing(low: UInt64, before: String, after: String?) {
        #expect(decide(sampler(50, .equalizing), low: low, state: before) == after.map { kept($0) } ?? .leftOut)
    }

    @Test(
        "thresholds have so many digits",
        arguments: [
            (Float(25), 4, "c"), (10, 4, "e666"), (1, 4, "fd71"), (95, 4, "0cccd"), (10, 1, "e"), (12.5, 14, "e"),
        ] as [(Float, Int, String)])
    func precision(percentage: Float, precision: Int, threshold: String) {
        let sampler = sampler(percentage, .equalizing) { $0.precision = precision }
        #expect(decide(sampler, low: .max) == kept("ot=th:" + threshold))
    }

    @Test(
        "leaves out what contradicts itself or the mode, and lets it pass when it does not fail closed",
        arguments: [
            (HeadSampling.Mode.proportional, "ot=th:f", "ot=th:0"), (.proportional, "ot=th:xyz", nil),
            (.equalizing, "ot=nonsense", nil), (.equalizing, "ot=rv:12", nil), (.hashSeed, "ot=th:0", "ot=th:0"),
            (.hashSeed, "ot=rv:ffffffffffffff", "ot=rv:ffffffffffffff;th:0"),
        ] as [(HeadSampling.Mode, String, String?)])
    func errors(mode: HeadSampling.Mode, state: String, open: String?) {
        let low: UInt64 = 0x0012_0000_0000_0000
        #expect(decide(sampler(100, mode), low: low, state: state) == .leftOut)
        let passed = decide(sampler(0, mode) { $0.failsClosed = false }, low: low, state: state)
        #expect(passed == .kept(traceState: open.map { Array($0.utf8) }))
    }

    @Test("sampling.priority rules over chance")
    func priority() {
        #expect(decide(sampler(0, .proportional), low: 0, .keep) == kept("ot=th:0"))
        #expect(decide(sampler(100, .proportional), low: 0, .leaveOut) == .leftOut)
    }

    // MARK: Requests

    private func span(_ low: UInt64, state: String = "", attributes: [(String, OTLP.AnyValue)] = []) -> OTLP.Span {
        OTLP.Span(
            traceID: OTLP.TraceID(high: 0, low: low), spanID: OTLP.SpanID(low), traceState: ByteString(state),
            name: "operation", kind: 2, startTimeUnixNano: 1, endTimeUnixNano: 2,
            attributes: attributes.map { OTLP.KeyValue(key: ByteString($0.0), value: $0.1) })
    }

    private func request(_ services: [(String, [OTLP.Span])]) -> OTLP.Traces {
        OTLP.Traces(
            resourceSpans: services.map { service, spans in
                let resource = OTLP.Resource(attributes: [
                    OTLP.KeyValue(key: "service.name", value: .string(ByteString(service)))
                ])
                let scope = OTLP.ScopeSpans(scope: OTLP.InstrumentationScope(name: "lib", version: "1"), spans: spans)
                return OTLP.ResourceSpans(resource: resource, scopeSpans: [scope], schemaURL: "https://schema/1")
            })
    }

    @Test("a request keeps everything of the spans that are kept, and nothing of what has none left")
    func requests() throws {
        let (lucky, unlucky) = (UInt64(0x00F0_0000_0000_0000), UInt64(0x0010_0000_0000_0000))
        let sent = request([
            ("a", [span(lucky, attributes: [("k", 1)]), span(unlucky)]), ("b", [span(unlucky), span(unlucky)]),
            ("c", [span(lucky, state: "x=y")]),
        ])
        let (body, leftOut) = try sampler(50, .proportional).filter(sent.protobuf())
        let expected = request([
            ("a", [span(lucky, state: "ot=th:8", attributes: [("k", 1)])]), ("c", [span(lucky, state: "ot=th:8,x=y")]),
        ])
        #expect(leftOut == [1, 2, 3])
        #expect(try OTLP.Traces(protobuf: body, limits: .standard) == expected)
    }

    @Test("places among the kept spans are places in the request")
    func ordinals() {
        #expect(HeadSampler.ordinals([0, 1, 3], beside: [1, 2, 3]) == [0, 4, 6])
        #expect(HeadSampler.ordinals([0, 2], beside: [0, 4]) == [1, 3])
        #expect(HeadSampler.ordinals([0, 5], beside: []) == [0, 5])
        #expect(HeadSampler.ordinals([], beside: [0]) == [])
    }

    @Test("a request of which nothing is kept is empty")
    func nothing() throws {
        let (body, leftOut) = try sampler(0, .hashSeed).filter(request([("a", [span(1), span(2)])]).protobuf())
        #expect(body.isEmpty)
        #expect(leftOut == [0, 1])
    }

    @Test(
        "sampling.priority is read as a number or a text",
        arguments: [
            (OTLP.AnyValue.int(1), 0), (.double(0.5), 0), (.string("2"), 0), (.int(0), 1), (.string("0"), 1),
            (.string("x"), 1), (.bool(true), 1), (.int(-1), 1),
        ])
    func priorities(value: OTLP.AnyValue, leftOut: Int) throws {
        // Without a priority the span would be left out.
        let sent = request([("a", [span(1, attributes: [("other", 7), ("sampling.priority", value)])])])
        #expect(try sampler(0, .hashSeed).filter(sent.protobuf()).leftOut.count == leftOut)
    }

    @Test("spans whose ids are no ids stay for whoever refuses them")
    func badIDs() throws {
        let sent = request([("a", [span(0), span(1)])])
        let (body, leftOut) = try sampler(0, .hashSeed).filter(sent.protobuf())
        #expect(leftOut == [1])
        #expect(try OTLP.Traces(protobuf: body, limits: .standard) == request([("a", [span(0)])]))
    }

    @Test("every truncation of a request is refused, or leaves what is whole in it")
    func truncated() {
        let bytes = request([("a", [span(1), span(2)])]).protobuf()
        for end in bytes.indices.dropFirst() {
            #expect(throws: WireError.self) { try sampler(100, .proportional).filter(Array(bytes[..<end])) }
        }
    }
}
