import Testing
import Wire

@Suite("Exposition format")
struct ExpositionFormatTests {
    @Test(
        "is known by its content type",
        arguments: [
            ("text/plain; version=0.0.4; charset=utf-8", ExpositionFormat.text), ("text/plain", .text),
            ("Application/OpenMetrics-Text; version=1.0.0", .openMetrics), ("", nil), ("text/html", nil),
            ("application/json", nil),
        ] as [(String, ExpositionFormat?)])
    func contentType(header: String, format: ExpositionFormat?) {
        #expect(ExpositionFormat(contentType: header) == format)
    }

    @Test(
        "follows the Accept header",
        arguments: [
            (nil, ExpositionFormat.text), ("", .text), ("*/*", .text), ("text/html", .text),
            (ScrapeProtocol.accept(ScrapeProtocol.standard), .openMetrics),
            ("application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text;q=0.3,text/plain;q=0.5", .text), ("application/openmetrics-text;q=0", .text),
            ("text/plain, application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text;version=2.0.0,text/plain;q=0.1", .text),
        ] as [(String?, ExpositionFormat)])
    func accept(header: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat.negotiate(accept: header) == format)
    }
}
