import Durable
import Wire

/// A prepared trace: which spans it has, of which services, below which others.
struct TraceShape: Sendable {
    /// The span names whose slow ones a query asks for.
    static let checkout = "POST /checkout"

    private static let roots = ["GET /", "GET /products", checkout, "GET /cart", "POST /cart"]
    private static let calls = [
        "ProcessPayment", "GetPromotions", "SELECT orders", "INSERT transactions", "POST /v1/charges", "GET session",
        "publish order.created", "render template",
    ]

    /// The root first, each behind the one that caused it.
    let spans: [SpanTemplate]
    /// Numbers of the spans of each service.
    let byService: [[Int]]
    /// Whether a span below the root has failed.
    let hasError: Bool

    /// A trace of so many spans.
    /// - Parameter attributes: that each span has beyond the usual ones.
    init(spans count: Int, services: Int, attributes: Int, _ random: inout SplitMix64) {
        var contents: [SpanTemplate.Content] = []
        for number in 0..<count {
            // The root is the first service's, which the others work for.
            let parent = number == 0 ? nil : Int.random(in: 0..<number, using: &random)
            let length =
                parent.map { contents[$0].duration } ?? Int64.random(in: 20_000_000...600_000_000, using: &random)
            let duration = parent == nil ? length : Int64(Double(length) * Double.random(in: 0.1...0.6, using: &random))
            let start = parent.map {
                contents[$0].start + Int64(Double(length) * Double.random(in: 0...0.4, using: &random))
            }
            let isError = number > 0 && Int.random(in: 0..<20, using: &random) == 0
            contents.append(
                SpanTemplate.Content(
                    service: number == 0 || services == 1 ? 0 : Int.random(in: 1..<services, using: &random),
                    parent: parent,
                    name: (number == 0 ? Self.roots : Self.calls).randomElement(using: &random) ?? "",
                    kind: number == 0 ? 2 : Int64.random(in: 1...3, using: &random), start: start ?? 0,
                    duration: duration, isError: isError,
                    attributes: Self.attributes(number, isError, attributes, &random)))
        }
        spans = contents.map { SpanTemplate($0) }
        byService = (0..<services).map { service in contents.indices.filter { contents[$0].service == service } }
        hasError = contents.contains(where: \.isError)
    }

    private static func attributes(
        _ number: Int, _ isError: Bool, _ further: Int, _ random: inout SplitMix64
    ) -> [(key: String, value: OTLP.AnyValue)] {
        let method = Bool.random(using: &random) ? "GET" : "POST"
        var attributes: [(key: String, value: OTLP.AnyValue)] = [
            ("http.request.method", .string(.init(method))),
            ("http.response.status_code", .int(isError ? 500 : 200)),
            ("user.id", .string(.init("user_" + Blanks.decimal(4)))),
        ]
        if number == 0 { attributes.append(("order.id", .string(.init(Blanks.hexadecimal(16))))) }
        if number % 3 == 2 {
            attributes.append(
                ("db.query.text", .string(.init("SELECT * FROM orders WHERE id = \(Blanks.decimal(6))"))))
        }
        for place in 0..<further {
            attributes.append(("tag.\(place)", .string(.init("value-\(Blanks.decimal(1))-of-tag-\(place)"))))
        }
        return attributes
    }
}
