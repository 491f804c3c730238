import Benchmarking
import Testing

@Suite("Endpoints of a server")
struct EndpointsTests {
    struct Case: Sendable {
        let signal: BenchSignal
        let url: String
        let push: String
        let query: String
    }

    @Test(
        "are worked out from what one types",
        arguments: [
            Case(signal: .metrics, url: "http://a:9090", push: "http://a:9090/api/v1/write", query: "http://a:9090"),
            Case(signal: .metrics, url: "http://a:9090/", push: "http://a:9090/api/v1/write", query: "http://a:9090"),
            Case(signal: .metrics, url: "http://a/p", push: "http://a/p/api/v1/write", query: "http://a/p"),
            Case(signal: .metrics, url: "http://a/api/v1/push", push: "http://a/api/v1/push", query: "http://a"),
            Case(
                signal: .metrics, url: "http://a:8480/insert/0/prometheus/api/v1/write",
                push: "http://a:8480/insert/0/prometheus/api/v1/write", query: "http://a:8480/select/0/prometheus"),
            Case(signal: .logs, url: "http://a:3100", push: "http://a:3100/loki/api/v1/push", query: "http://a:3100"),
            Case(
                signal: .logs, url: "http://a:9428/insert/loki/api/v1/push",
                push: "http://a:9428/insert/loki/api/v1/push", query: "http://a:9428"),
            Case(signal: .traces, url: "http://a:4318", push: "http://a:4318/v1/traces", query: "http://a:3200"),
            Case(signal: .traces, url: "http://a:14318", push: "http://a:14318/v1/traces", query: "http://a:3200"),
            Case(signal: .traces, url: "https://a/v1/traces", push: "https://a/v1/traces", query: "https://a"),
        ])
    func resolved(_ given: Case) {
        let endpoints = Endpoints(given.url, given.signal)
        #expect(endpoints.push == given.push)
        #expect(endpoints.queryBase == given.query)
    }

    @Test("VictoriaLogs is asked in its own language, all others in the signal's")
    func languages() {
        #expect(Endpoints("http://a/insert/loki/api/v1/push", .logs).api == .victoriaLogs)
        #expect(Endpoints("http://a", .logs).api == .original)
        #expect(Endpoints("http://a/insert/0/prometheus/api/v1/write", .metrics).api == .original)
    }

    @Test("A URL for queries rules")
    func queryURL() {
        #expect(Endpoints("http://a:4318", .traces, queryURL: "http://b:1").queryBase == "http://b:1")
    }
}
