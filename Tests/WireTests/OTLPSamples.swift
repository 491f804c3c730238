import Wire

/// Messages with every field set, for round trips and as seeds of mutations.
enum OTLPSamples {
    static let values: [OTLP.AnyValue] = [
        "text", 7, -9_223_372_036_854_775_808, 1.5, true, .empty, .string(""), .bytes(ByteString([0, 255, 1])),
        .array([1, "two", .array([]), .map([])]),
        .map([.init(key: "inner", value: .map([.init(key: "deep", value: false)]))]),
    ]
    static let attributes = values.enumerated().map { index, value in
        OTLP.KeyValue(key: ByteString("key.\(index)"), value: value)
    }
    static let resource = OTLP.Resource(attributes: attributes, droppedAttributesCount: 3)
    static let scope = OTLP.InstrumentationScope(
        name: "lib", version: "1.2", attributes: [.init(key: "s", value: "v")], droppedAttributesCount: 1)
    static let traceID = OTLP.TraceID(high: 0x5b8e_fff7_9803_8103, low: 0xd269_b633_813f_c60c)
    static let spanID = OTLP.SpanID(0xeee1_9b7e_c3c1_b174)

    static let span = OTLP.Span(
        traceID: traceID, spanID: spanID, traceState: "a=b", parentSpanID: OTLP.SpanID(1), name: "GET /", kind: 2,
        startTimeUnixNano: 1_544_712_660_000_000_000, endTimeUnixNano: 1_544_712_661_000_000_000,
        attributes: attributes, droppedAttributesCount: 2,
        events: [.init(timeUnixNano: 5, name: "ev\u{e9}nt", attributes: attributes, droppedAttributesCount: 9)],
        droppedEventsCount: 4,
        links: [
            .init(
                traceID: traceID, spanID: spanID, traceState: "x", attributes: attributes, droppedAttributesCount: 1,
                flags: 0x300)
        ],
        droppedLinksCount: 5, status: .init(message: "no \"luck\"", code: 2), flags: 0x101)

    static let traces = OTLP.Traces(resourceSpans: [
        .init(
            resource: resource,
            scopeSpans: [.init(scope: scope, spans: [span, OTLP.Span(name: "bare")], schemaURL: "https://s")],
            schemaURL: "https://r"),
        .init(),
    ])

    static let logs = OTLP.Logs(resourceLogs: [
        .init(
            resource: resource,
            scopeLogs: [
                .init(
                    scope: scope,
                    logRecords: [
                        .init(
                            timeUnixNano: 1, observedTimeUnixNano: 2, severityNumber: 17, severityText: "ERROR",
                            body: "something\nfailed", attributes: attributes, droppedAttributesCount: 1, flags: 1,
                            traceID: traceID, spanID: spanID, eventName: "boom"),
                        .init(body: .map([.init(key: "k", value: 1)])),
                    ], schemaURL: "s")
            ], schemaURL: "r")
    ])

    static let exemplars = [
        OTLP.Exemplar(
            filteredAttributes: attributes, timeUnixNano: 3, value: .double(0.25), spanID: spanID, traceID: traceID),
        OTLP.Exemplar(timeUnixNano: 4, value: .int(-5)),
    ]

    static let metricData: [OTLP.MetricData] = [
        .empty,
        .gauge([
            .init(attributes: attributes, timeUnixNano: 2, value: .double(.infinity), exemplars: exemplars, flags: 1),
            .init(timeUnixNano: 2, value: .int(.min)),
        ]),
        .sum(
            [.init(attributes: attributes, startTimeUnixNano: 1, timeUnixNano: 2, value: .int(4))], temporality: 2,
            isMonotonic: true),
        .histogram(
            [
                .init(
                    attributes: attributes, startTimeUnixNano: 1, timeUnixNano: 2, count: 6, sum: 3.5,
                    bucketCounts: [1, 2, 3], explicitBounds: [0.5, 1], exemplars: exemplars, flags: 1, min: 0, max: 9)
            ], temporality: 1),
        .exponentialHistogram(
            [
                .init(
                    attributes: attributes, startTimeUnixNano: 1, timeUnixNano: 2, count: 6, sum: -3.5, scale: -2,
                    zeroCount: 1, positive: .init(offset: -3, bucketCounts: [1, 300, 70_000]),
                    negative: .init(offset: 2, bucketCounts: [0]), flags: 1, exemplars: exemplars, min: -1, max: 1,
                    zeroThreshold: 0.001)
            ], temporality: 2),
        .summary([
            .init(
                attributes: attributes, startTimeUnixNano: 1, timeUnixNano: 2, count: 6, sum: 3.5,
                quantileValues: [.init(quantile: 0.5, value: 1), .init(quantile: 0.99, value: 2)], flags: 1)
        ]),
    ]

    static let metrics = OTLP.Metrics(resourceMetrics: [
        .init(
            resource: resource,
            scopeMetrics: [
                .init(
                    scope: scope,
                    metrics: metricData.map {
                        .init(name: "m", description: "d", unit: "By", data: $0, metadata: attributes)
                    }, schemaURL: "s")
            ], schemaURL: "r")
    ])
}
