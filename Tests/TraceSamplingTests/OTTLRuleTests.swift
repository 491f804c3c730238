import Testing
import TraceSampling
import Wire

@Suite("The policy ottl_condition")
struct OTTLRuleTests {
    private struct EventTrace: SampledTrace {
        let spans: [FixtureSpan]
        let high: UInt64 = 0
        let low: UInt64 = 1
        let spanCount = 1
        let bytes = 1
        let bounds: (start: UInt64, end: UInt64) = (0, 0)

        func hasStatus(in codes: UInt8) -> Bool { false }
        func hasFlags(_ flags: UInt32) -> Bool { false }
        func hasTraceState(where matches: (UnsafeRawBufferPointer) -> Bool) -> Bool { false }
        func hasNumber(_ key: String, where matches: (SampledNumber) -> Bool) -> Bool { false }
        func hasBoolean(_ key: String, _ value: Bool) -> Bool { false }
        func hasText(_ key: String, _ matcher: TextMatcher) -> Bool { false }
        func hasSpan(where matches: (any SampledSpan) -> Bool) -> Bool { spans.contains { matches($0) } }
    }

    private func rule(
        _ span: [String], _ event: [String] = [], _ mode: OTTLRule.ErrorMode = .ignore
    ) throws -> OTTLRule {
        OTTLRule(
            span: try span.map { try OTTLCondition($0, .span) },
            spanEvent: try event.map { try OTTLCondition($0, .spanEvent) },
            errorMode: mode)
    }

    private let trace = EventTrace(spans: [
        FixtureSpan(attributes: ["a": .int(1)]),
        FixtureSpan(
            attributes: ["b": .text("x")],
            events: [.init(name: "one"), .init(name: "two", attributes: ["k": .bool(true)])]),
    ])

    @Test("samples a trace when one condition holds for one span or one event")
    func any() throws {
        for (span, event, isSampled) in [
            ([#"attributes["a"] == 1"#], [], true), ([#"attributes["a"] == 2"#, #"attributes["b"] == "x""#], [], true),
            ([], [#"name == "two" and attributes["k"]  == true"#], true),
            ([#"attributes["a"] == 2"#], [#"name == "one""#], true),
            ([#"attributes["a"] == 1 and attributes["b"] == "x""#], [], false), ([], [#"name == "three""#], false),
        ] as [([String], [String], Bool)] {
            var rule = try rule(span, event)
            #expect(rule.decide(trace, at: 0) == (isSampled ? .sampled : .notSampled), "\(span) \(event)")
            #expect(rule.takeFailures().count == 0)
        }
    }

    @Test("goes on behind a condition that cannot be evaluated, or gives the trace up, as `error_mode` says")
    func errors() throws {
        let conditions = [#"attributes["a"] + 1 == 2 and attributes["none"] + 1 == 2"#, #"attributes["b"] == "x""#]
        var ignoring = try rule(conditions)
        #expect(ignoring.decide(trace, at: 0) == .sampled)
        let told = ignoring.takeFailures()
        #expect(told.count == 2 && told.reasons.contains { $0.hasPrefix(conditions[0] + ": nil + ") })
        #expect(ignoring.takeFailures() == OTTLFailures())
        var silent = try rule(conditions, [], .silent)
        #expect(silent.decide(trace, at: 0) == .sampled)
        let kept = silent.takeFailures()
        #expect(kept.count == 2 && kept.reasons.isEmpty)
        var propagating = try rule(conditions, [], .propagate)
        #expect(propagating.decide(trace, at: 0) == .notSampled)
        let given = propagating.takeFailures()
        #expect(given.count == 1 && given.reasons.count == 1)
    }

    @Test("tells its failures from within other policies, too")
    func nested() throws {
        func policy() throws -> SamplingPolicy { SamplingPolicy("o", try rule([#"attributes["none"] + 1 == 2"#])) }
        let always = SamplingPolicy("a", AlwaysRule())
        for rule in [
            AndRule([always, try policy()]), DropRule([try policy()]), NotRule(try policy()),
            CompositeRule([(try policy(), nil), (always, nil)], spansPerSecond: 100),
        ] as [any SamplingRule] {
            var sampler = TailSampler(TailSampling(policies: [SamplingPolicy("outer", rule)]))
            _ = sampler.decide(trace, at: 0)
            let told = sampler.takeFailures()
            #expect(told.map(\.policy) == ["outer"])
            #expect(told.first?.reasons.count == 1)
            #expect(sampler.takeCounts().policies.first?.failures == 2)
            #expect(sampler.takeFailures().isEmpty)
        }
    }

    @Test("measures `Now()` by when the decision is due, so that a replay decides alike")
    func now() throws {
        var rule = try rule([#"UnixSeconds(Now()) == 100"#])
        #expect(rule.decide(trace, at: 100_000_000_000) == .sampled)
        #expect(rule.decide(trace, at: 101_000_000_000) == .notSampled)
    }
}
