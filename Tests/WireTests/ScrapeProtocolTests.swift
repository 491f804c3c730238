import MartletCore
import Testing
import Wire

@Suite("Scrape protocols")
struct ScrapeProtocolTests {
    @Test("what is asked for is in the Accept header, the best first, as Prometheus writes it")
    func accept() {
        #expect(
            ScrapeProtocol.accept(ScrapeProtocol.standard)
                == "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "application/openmetrics-text;version=0.0.1;q=0.5,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2")
        #expect(
            ScrapeProtocol.accept([.protobuf, .text0])
                == "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.4")
    }

    @Test(
        "an answer's format is known by its content type",
        arguments: [
            ("text/plain; version=1.0.0; escaping=values", ScrapeFormat.text),
            ("application/openmetrics-text; version=0.0.1", .openMetrics),
            ("Application/Vnd.Google.Protobuf ; proto=io.prometheus.client.MetricFamily", .protobuf),
            ("application/json", nil), ("", nil),
        ] as [(String, ScrapeFormat?)])
    func contentType(header: String, format: ScrapeFormat?) {
        #expect(ScrapeFormat(contentType: header) == format)
    }

    @Test(
        "another server is told samples in the format that it asks for",
        arguments: [
            (nil, false, .underscores), ("", false, .underscores),
            ("application/openmetrics-text", false, .underscores),
            ("text/plain;version=0.0.4;escaping=dots", false, .dots),
            ("text/plain;escaping=nonsense", false, .underscores),
            (ScrapeProtocol.accept(ScrapeProtocol.standard), false, .none),
            (ScrapeProtocol.accept(ScrapeProtocol.protobufFirst), true, .underscores),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=values",
                true, .values
            ),
            ("application/vnd.google.protobuf;proto=other;encoding=delimited", false, .underscores),
            (
                "text/plain;q=0.9,application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
                true, .underscores
            ),
        ] as [(String?, Bool, NameEscaping)])
    func federation(accept: String?, isProtobuf: Bool, escaping: NameEscaping) {
        let format = FederationFormat(accept: accept)
        #expect(format.isProtobuf == isProtobuf)
        #expect(format.escaping == escaping)
    }

    @Test("the content type of what another server is told names format and escaping")
    func federationContentType() {
        #expect(
            FederationFormat(accept: nil).contentType
                == "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")
        #expect(
            FederationFormat(accept: ScrapeProtocol.accept(ScrapeProtocol.protobufFirst)).contentType
                == "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited;"
                + " escaping=underscores")
    }
}
