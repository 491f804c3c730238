"""OTLP's JSON: attributes, resources and the envelopes of the three signals (opentelemetry-proto, JSON mapping)."""


def value(of):
    """An AnyValue. 64-bit integers are strings in OTLP's JSON."""
    if isinstance(of, bool):
        return {"boolValue": of}
    if isinstance(of, int):
        return {"intValue": str(of)}
    if isinstance(of, float):
        return {"doubleValue": of}
    return {"stringValue": str(of)}


def attributes(pairs):
    """A list of KeyValue from a dictionary or from pairs."""
    return [{"key": key, "value": value(of)} for key, of in dict(pairs).items()]


def request(signal, groups):
    """An export request of `traces`, `logs` or `metrics`.

    `groups` are (service, items) pairs: all spans, records or metrics of a service are one scope of its resource.
    """
    resources, scopes, items = {
        "traces": ("resourceSpans", "scopeSpans", "spans"),
        "logs": ("resourceLogs", "scopeLogs", "logRecords"),
        "metrics": ("resourceMetrics", "scopeMetrics", "metrics"),
    }[signal]
    return {resources: [
        {"resource": {"attributes": attributes(service.resource)},
         scopes: [{"scope": {"name": service.scope}, items: content}]}
        for service, content in groups]}
