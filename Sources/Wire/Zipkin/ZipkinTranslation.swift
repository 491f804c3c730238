/// Zipkin's spans as OTLP.
///
/// Tags named as attributes of a resource are those of the span's resource, so that spans of one service may come from
/// several. A span without a start begins in 1970 and says so in `otel.zipkin.absentField.startTime`. Tags and annotations in
/// which OpenTelemetry's exporters keep links, events and status become those again.
enum ZipkinTranslation {
    private static let serviceSource: ByteString = "otlp.service.name.source"
    private static let noService: ByteString = "OTLPResourceNoServiceName"
    private static let linkNames = (0..<128).map { ByteString("otlp.link.\($0)") }

    /// With `parsesTags`, tags that look like numbers and truth values become such.
    static func traces(_ spans: [Zipkin.Span], parsesTags: Bool) -> OTLP.Traces {
        var groups = SpanGroups()
        for span in spans {
            var tags = AttributeMap(span.tags)
            let resource = resource(&tags, service: span.local.serviceName)
            let scope = SpanTags.takeScope(&tags)
            groups.add(translated(span, &tags, parsesTags), resource: resource, scope: scope.name, scope.version)
        }
        return groups.traces
    }

    /// The service first, the others by name.
    private static func resource(_ tags: inout AttributeMap, service: ByteString) -> [OTLP.KeyValue] {
        var attributes = AttributeMap()
        let source = tags.takeText(serviceSource) ?? ByteString()
        if !service.isEmpty, service != noService {
            attributes.put(source.isEmpty ? SpanTags.serviceName : source, .string(service))
        }
        let others = tags.list.filter { ZipkinResource.names.contains($0.key) }
        for pair in others.sorted(by: { $0.key < $1.key }) {
            _ = tags.take(pair.key)
            attributes.put(pair.key, pair.value)
        }
        return attributes.list
    }

    private static func translated(
        _ source: Zipkin.Span, _ tags: inout AttributeMap, _ parsesTags: Bool
    ) -> OTLP.Span {
        var span = OTLP.Span(
            traceID: source.traceID, spanID: source.id, traceState: tags.takeText(SpanTags.traceState) ?? ByteString(),
            name: source.name, kind: source.kind,
            startTimeUnixNano: SpanTime.nanoseconds(microseconds: source.timestamp),
            endTimeUnixNano: SpanTime.nanoseconds(microseconds: source.timestamp, and: source.duration),
            flags: source.isDebug ? 1 : 0)
        // Some tracers name a root as its own parent.
        if source.parentID != source.id { span.parentSpanID = source.parentID }
        if span.kind == 0, let text = tags.text(SpanTags.kind) {
            span.kind = SpanTags.kind(named: text)
            if span.kind != 0 { _ = tags.take(SpanTags.kind) }
        }
        SpanTags.takeDropped(&tags, into: &span)
        span.status = status(&tags)
        span.links = links(&tags)
        span.events = source.annotations.map(ZipkinText.event)
        var attributes = parsesTags ? AttributeMap(tags.list.map(ZipkinText.typed)) : tags
        addEndpoints(source, to: &attributes)
        if source.timestamp == 0 { attributes.put("otel.zipkin.absentField.startTime", true) }
        span.attributes = attributes.list
        return span
    }

    /// An `error` tag says that the span failed, and why unless it is only "true"; a status that OpenTelemetry has set rules,
    /// but for `error=true`.
    private static func status(_ tags: inout AttributeMap) -> OTLP.Status {
        var status = OTLP.Status()
        let code = tags.takeText(SpanTags.statusCode)
        if let code {
            status.code = SpanTags.status(named: code)
            status.message = tags.takeText(SpanTags.statusDescription) ?? ByteString()
        }
        guard let error = tags.text(SpanTags.error) else { return status }
        switch error {
        case "true":
            status.code = 2
            _ = tags.take(SpanTags.error)
        case "false": break
        default:
            if code == nil { status.code = 2 }
            if status.code == 2, status.message.isEmpty {
                status.message = error
                _ = tags.take(SpanTags.error)
            }
        }
        return status
    }

    private static func links(_ tags: inout AttributeMap) -> [OTLP.Link] {
        var links: [OTLP.Link] = []
        for name in linkNames {
            guard let text = tags.text(name) else { break }
            guard let link = ZipkinText.link(text) else { continue }
            _ = tags.take(name)
            links.append(link)
        }
        return links
    }

    private static func addEndpoints(_ span: Zipkin.Span, to attributes: inout AttributeMap) {
        if !span.remote.serviceName.isEmpty { attributes.put("peer.service", .string(span.remote.serviceName)) }
        add(span.local, ip: "net.host.ip", port: "net.host.port", to: &attributes)
        add(span.remote, ip: "net.peer.ip", port: "net.peer.port", to: &attributes)
    }

    /// The newer kind of address, if there are both.
    private static func add(
        _ endpoint: Zipkin.Endpoint, ip: ByteString, port: ByteString, to attributes: inout AttributeMap
    ) {
        let address = endpoint.ipv6.isEmpty ? endpoint.ipv4 : endpoint.ipv6
        if !address.isEmpty { attributes.put(ip, .string(address)) }
        if endpoint.port > 0 { attributes.put(port, .int(Int64(endpoint.port))) }
    }
}
