/// Names of tags in which OpenTelemetry's exporters keep what Zipkin and Jaeger have no field for (OpenTelemetry
/// specification, "Transformation to non-OTLP formats").
enum SpanTags {
    static let error: ByteString = "error"
    static let kind: ByteString = "span.kind"
    static let statusCode: ByteString = "otel.status_code"
    static let statusDescription: ByteString = "otel.status_description"
    static let traceState: ByteString = "w3c.tracestate"
    static let serviceName: ByteString = "service.name"
    private static let droppedAttributes: ByteString = "otel.dropped_attributes_count"
    private static let droppedEvents: ByteString = "otel.dropped_events_count"
    private static let droppedLinks: ByteString = "otel.dropped_links_count"
    private static let scopeName: ByteString = "otel.scope.name"
    private static let scopeVersion: ByteString = "otel.scope.version"
    private static let libraryName: ByteString = "otel.library.name"
    private static let libraryVersion: ByteString = "otel.library.version"

    /// Takes the name and version of the scope, also under the names that they had before.
    static func takeScope(_ tags: inout AttributeMap) -> (name: ByteString, version: ByteString) {
        let old = (name: tags.takeText(libraryName), version: tags.takeText(libraryVersion))
        return (
            tags.takeText(scopeName) ?? old.name ?? ByteString(),
            tags.takeText(scopeVersion) ?? old.version ?? ByteString()
        )
    }

    /// Takes how many attributes, events and links the sender left out.
    static func takeDropped(_ tags: inout AttributeMap, into span: inout OTLP.Span) {
        span.droppedAttributesCount = takeDroppedAttributes(&tags)
        span.droppedEventsCount = takeCount(droppedEvents, &tags)
        span.droppedLinksCount = takeCount(droppedLinks, &tags)
    }

    /// Takes how many attributes of a span or event the sender left out.
    static func takeDroppedAttributes(_ tags: inout AttributeMap) -> UInt32 {
        takeCount(droppedAttributes, &tags)
    }

    /// What is no count stays a tag.
    private static func takeCount(_ key: ByteString, _ tags: inout AttributeMap) -> UInt32 {
        guard let value = tags[key], let count = UInt32(value.text.string) else { return 0 }
        _ = tags.take(key)
        return count
    }

    /// OTLP's number of a status as exporters spell it: `OK`, `ERROR`, `UNSET`, in any case, or with OTLP's prefix.
    static func status(named text: ByteString) -> Int32 {
        let name = text.string.uppercased()
        return switch name.hasPrefix("STATUS_CODE_") ? String(name.dropFirst(12)) : name {
        case "OK": 1
        case "ERROR": 2
        default: 0
        }
    }

    /// OTLP's number of a kind as it stands in `span.kind`; 0 for another.
    static func kind(named text: ByteString) -> Int32 {
        switch text.string.lowercased() {
        case "internal": 1
        case "server": 2
        case "client": 3
        case "producer": 4
        case "consumer": 5
        default: 0
        }
    }
}
