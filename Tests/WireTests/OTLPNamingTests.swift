import Testing
import Wire

@Suite("OTLP naming")
struct OTLPNamingTests {
    @Test(
        "metric names get units and types as suffixes",
        arguments: [
            ("http.server.request.duration", "s", OTLPNaming.Kind.other, "http_server_request_duration_seconds"),
            ("system.network.io", "By", .monotonicSum, "system_network_io_bytes_total"),
            ("requests.total.count", "1", .monotonicSum, "requests_count_total"),
            ("cpu.utilization", "1", .gauge, "cpu_utilization_ratio"),
            ("cpu.utilization", "1", .other, "cpu_utilization"),
            ("speed", "m/s", .gauge, "speed_meters_per_second"), ("rate", "{requests}/s", .gauge, "rate_per_second"),
            ("memory_bytes", "By", .gauge, "memory_bytes"), ("2xx", "", .other, "_2xx"),
            ("a..b__c", "", .other, "a_b_c"),
            ("temp", "°F", .gauge, "temp_F"), ("x", "{thing}", .other, "x"),
            ("odd:colon", "%", .gauge, "odd:colon_percent"),
            ("größe", "", .other, "gr_e"),
        ])
    func suffixes(name: String, unit: String, kind: OTLPNaming.Kind, expected: String) {
        #expect(
            OTLPNaming.metric(name, unit: unit, kind: kind, strategy: .underscoreEscapingWithSuffixes) == expected)
    }

    @Test("the other strategies keep what they promise")
    func strategies() {
        func name(_ strategy: OTLP.TranslationStrategy) -> String {
            OTLPNaming.metric("my.io_total", unit: "By", kind: .monotonicSum, strategy: strategy)
        }
        #expect(name(.noTranslation) == "my.io_total")
        #expect(name(.underscoreEscapingWithoutSuffixes) == "my_io_total")
        #expect(name(.noUTF8EscapingWithSuffixes) == "my.io_bytes_total")
    }

    @Test(
        "label names are made valid",
        arguments: [
            ("http.method", "http_method"), ("1st", "key_1st"), ("_x", "key_x"), ("__x", "__x"), ("ok", "ok"),
            ("ü", "_"),
            ("", ""),
        ])
    func labels(name: String, expected: String) {
        let translated = OTLPNaming.label(name, strategy: .underscoreEscapingWithSuffixes)
        #expect(translated == (name == "ü" ? "key_" : expected))
        #expect(OTLPNaming.label(name, strategy: .noTranslation) == name)
    }
}
