/// Gathers spans, which other formats have one by one, under their resources and scopes, in the order in which those came.
struct SpanGroups {
    private struct Scope: Hashable {
        let resource: Int
        let name: ByteString
        let version: ByteString
    }

    private(set) var traces = OTLP.Traces()
    private var resources: [[OTLP.KeyValue]: Int] = [:]
    /// The resource of the span before: most spans come from one, whose attributes are not hashed for each of them.
    private var last: (attributes: [OTLP.KeyValue], place: Int)?
    private var scopes: [Scope: Int] = [:]

    /// Adds a span of a resource with these attributes and of the scope with this name and version.
    mutating func add(
        _ span: OTLP.Span, resource attributes: [OTLP.KeyValue], scope name: ByteString, _ version: ByteString
    ) {
        let resource: Int
        if let last, last.attributes == attributes {
            resource = last.place
        } else if let known = resources[attributes] {
            resource = known
        } else {
            resource = traces.resourceSpans.count
            resources[attributes] = resource
            traces.resourceSpans.append(OTLP.ResourceSpans(resource: OTLP.Resource(attributes: attributes)))
        }
        last = (attributes, resource)
        let key = Scope(resource: resource, name: name, version: version)
        if let scope = scopes[key] {
            traces.resourceSpans[resource].scopeSpans[scope].spans.append(span)
        } else {
            scopes[key] = traces.resourceSpans[resource].scopeSpans.count
            traces.resourceSpans[resource].scopeSpans.append(
                OTLP.ScopeSpans(scope: OTLP.InstrumentationScope(name: name, version: version), spans: [span]))
        }
    }
}
