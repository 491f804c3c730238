import CMessages
import Wire

/// What protobuf-c unpacked, as the model that the hand-written decoders fill.
enum OracleModel {
    static func list<T, R>(
        _ count: Int, _ items: UnsafeMutablePointer<UnsafeMutablePointer<T>?>?, _ convert: (T) throws(WireError) -> R
    ) throws(WireError) -> [R] {
        var out: [R] = []
        for index in 0..<count {
            guard let item = items?[index] else { continue }
            out.append(try convert(item.pointee))
        }
        return out
    }

    static func text(_ data: ProtobufCBinaryData) -> ByteString { ByteString(copying: data.buffer) }

    static func traceID(_ data: ProtobufCBinaryData) throws(WireError) -> OTLP.TraceID {
        guard let id = OTLP.TraceID(bytes: data.buffer) else { throw .malformed(offset: 0, what: "id") }
        return id
    }

    static func spanID(_ data: ProtobufCBinaryData) throws(WireError) -> OTLP.SpanID {
        guard let id = OTLP.SpanID(bytes: data.buffer) else { throw .malformed(offset: 0, what: "id") }
        return id
    }

    static func value(_ value: Martlet__Otlp__AnyValue) throws(WireError) -> OTLP.AnyValue {
        switch value.value_case {
        case MARTLET__OTLP__ANY_VALUE__VALUE_STRING_VALUE: return .string(text(value.string_value))
        case MARTLET__OTLP__ANY_VALUE__VALUE_BOOL_VALUE: return .bool(value.bool_value != 0)
        case MARTLET__OTLP__ANY_VALUE__VALUE_INT_VALUE: return .int(value.int_value)
        case MARTLET__OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE: return .double(value.double_value)
        case MARTLET__OTLP__ANY_VALUE__VALUE_BYTES_VALUE: return .bytes(text(value.bytes_value))
        case MARTLET__OTLP__ANY_VALUE__VALUE_ARRAY_VALUE:
            guard let array = value.array_value?.pointee else { return .array([]) }
            return .array(try list(array.n_values, array.values, Self.value))
        case MARTLET__OTLP__ANY_VALUE__VALUE_KVLIST_VALUE:
            guard let map = value.kvlist_value?.pointee else { return .map([]) }
            return .map(try attributes(map.n_values, map.values))
        default: return .empty
        }
    }

    static func attributes(
        _ count: Int, _ items: UnsafeMutablePointer<UnsafeMutablePointer<Martlet__Otlp__KeyValue>?>?
    ) throws(WireError) -> [OTLP.KeyValue] {
        try list(count, items) { (pair) throws(WireError) in
            var value = OTLP.AnyValue.empty
            if let any = pair.value { value = try Self.value(any.pointee) }
            return OTLP.KeyValue(key: text(pair.key), value: value)
        }
    }

    static func resource(_ item: UnsafeMutablePointer<Martlet__Otlp__Resource>?) throws(WireError) -> OTLP.Resource {
        guard let item = item?.pointee else { return OTLP.Resource() }
        return OTLP.Resource(
            attributes: try attributes(item.n_attributes, item.attributes),
            droppedAttributesCount: item.dropped_attributes_count)
    }

    static func scope(
        _ item: UnsafeMutablePointer<Martlet__Otlp__InstrumentationScope>?
    ) throws(WireError) -> OTLP.InstrumentationScope {
        guard let item = item?.pointee else { return OTLP.InstrumentationScope() }
        return OTLP.InstrumentationScope(
            name: text(item.name), version: text(item.version),
            attributes: try attributes(item.n_attributes, item.attributes),
            droppedAttributesCount: item.dropped_attributes_count)
    }

    // MARK: Traces

    static func traces(_ request: Martlet__Otlp__ExportTraceServiceRequest) throws(WireError) -> OTLP.Traces {
        OTLP.Traces(
            resourceSpans: try list(request.n_resource_spans, request.resource_spans) { (item) throws(WireError) in
                OTLP.ResourceSpans(
                    resource: try resource(item.resource),
                    scopeSpans: try list(item.n_scope_spans, item.scope_spans) { (item) throws(WireError) in
                        OTLP.ScopeSpans(
                            scope: try scope(item.scope), spans: try list(item.n_spans, item.spans, span),
                            schemaURL: text(item.schema_url))
                    }, schemaURL: text(item.schema_url))
            })
    }

    static func span(_ span: Martlet__Otlp__Span) throws(WireError) -> OTLP.Span {
        var out = OTLP.Span(
            traceID: try traceID(span.trace_id), spanID: try spanID(span.span_id), traceState: text(span.trace_state),
            parentSpanID: try spanID(span.parent_span_id), name: text(span.name), kind: span.kind,
            startTimeUnixNano: span.start_time_unix_nano, endTimeUnixNano: span.end_time_unix_nano,
            attributes: try attributes(span.n_attributes, span.attributes),
            droppedAttributesCount: span.dropped_attributes_count, droppedEventsCount: span.dropped_events_count,
            droppedLinksCount: span.dropped_links_count, flags: span.flags)
        out.events = try list(span.n_events, span.events) { (event) throws(WireError) in
            OTLP.Event(
                timeUnixNano: event.time_unix_nano, name: text(event.name),
                attributes: try attributes(event.n_attributes, event.attributes),
                droppedAttributesCount: event.dropped_attributes_count)
        }
        out.links = try list(span.n_links, span.links) { (link) throws(WireError) in
            OTLP.Link(
                traceID: try traceID(link.trace_id), spanID: try spanID(link.span_id),
                traceState: text(link.trace_state),
                attributes: try attributes(link.n_attributes, link.attributes),
                droppedAttributesCount: link.dropped_attributes_count, flags: link.flags)
        }
        if let status = span.status?.pointee { out.status = .init(message: text(status.message), code: status.code) }
        return out
    }

    // MARK: Logs

    static func logs(_ request: Martlet__Otlp__ExportLogsServiceRequest) throws(WireError) -> OTLP.Logs {
        OTLP.Logs(
            resourceLogs: try list(request.n_resource_logs, request.resource_logs) { (item) throws(WireError) in
                OTLP.ResourceLogs(
                    resource: try resource(item.resource),
                    scopeLogs: try list(item.n_scope_logs, item.scope_logs) { (item) throws(WireError) in
                        OTLP.ScopeLogs(
                            scope: try scope(item.scope),
                            logRecords: try list(item.n_log_records, item.log_records, record),
                            schemaURL: text(item.schema_url))
                    }, schemaURL: text(item.schema_url))
            })
    }

    private static func record(_ record: Martlet__Otlp__LogRecord) throws(WireError) -> OTLP.LogRecord {
        var body = OTLP.AnyValue.empty
        if let any = record.body { body = try value(any.pointee) }
        return OTLP.LogRecord(
            timeUnixNano: record.time_unix_nano, observedTimeUnixNano: record.observed_time_unix_nano,
            severityNumber: record.severity_number, severityText: text(record.severity_text), body: body,
            attributes: try attributes(record.n_attributes, record.attributes),
            droppedAttributesCount: record.dropped_attributes_count, flags: record.flags,
            traceID: try traceID(record.trace_id), spanID: try spanID(record.span_id),
            eventName: text(record.event_name))
    }

    // MARK: Metrics

    static func metrics(_ request: Martlet__Otlp__ExportMetricsServiceRequest) throws(WireError) -> OTLP.Metrics {
        OTLP.Metrics(
            resourceMetrics: try list(request.n_resource_metrics, request.resource_metrics) {
                (item) throws(WireError) in
                OTLP.ResourceMetrics(
                    resource: try resource(item.resource),
                    scopeMetrics: try list(item.n_scope_metrics, item.scope_metrics) { (item) throws(WireError) in
                        OTLP.ScopeMetrics(
                            scope: try scope(item.scope), metrics: try list(item.n_metrics, item.metrics, metric),
                            schemaURL: text(item.schema_url))
                    }, schemaURL: text(item.schema_url))
            })
    }

    private static func metric(_ metric: Martlet__Otlp__Metric) throws(WireError) -> OTLP.Metric {
        OTLP.Metric(
            name: text(metric.name), description: text(metric.description), unit: text(metric.unit),
            data: try data(metric), metadata: try attributes(metric.n_metadata, metric.metadata))
    }

    private static func data(_ metric: Martlet__Otlp__Metric) throws(WireError) -> OTLP.MetricData {
        switch metric.data_case {
        case MARTLET__OTLP__METRIC__DATA_GAUGE:
            guard let data = metric.gauge?.pointee else { return .gauge([]) }
            return .gauge(try list(data.n_data_points, data.data_points, number))
        case MARTLET__OTLP__METRIC__DATA_SUM:
            guard let data = metric.sum?.pointee else { return .sum([], temporality: 0, isMonotonic: false) }
            return .sum(
                try list(data.n_data_points, data.data_points, number), temporality: data.aggregation_temporality,
                isMonotonic: data.is_monotonic != 0)
        case MARTLET__OTLP__METRIC__DATA_HISTOGRAM:
            guard let data = metric.histogram?.pointee else { return .histogram([], temporality: 0) }
            return .histogram(
                try list(data.n_data_points, data.data_points, histogram), temporality: data.aggregation_temporality)
        case MARTLET__OTLP__METRIC__DATA_EXPONENTIAL_HISTOGRAM:
            guard let data = metric.exponential_histogram?.pointee else {
                return .exponentialHistogram([], temporality: 0)
            }
            return .exponentialHistogram(
                try list(data.n_data_points, data.data_points, exponential), temporality: data.aggregation_temporality)
        case MARTLET__OTLP__METRIC__DATA_SUMMARY:
            guard let data = metric.summary?.pointee else { return .summary([]) }
            return .summary(try list(data.n_data_points, data.data_points, summary))
        default: return .empty
        }
    }

    private static func number(_ point: Martlet__Otlp__NumberDataPoint) throws(WireError) -> OTLP.NumberDataPoint {
        let value: OTLP.NumberValue =
            switch point.value_case {
            case MARTLET__OTLP__NUMBER_DATA_POINT__VALUE_AS_DOUBLE: .double(point.as_double)
            case MARTLET__OTLP__NUMBER_DATA_POINT__VALUE_AS_INT: .int(point.as_int)
            default: .empty
            }
        return OTLP.NumberDataPoint(
            attributes: try attributes(point.n_attributes, point.attributes),
            startTimeUnixNano: point.start_time_unix_nano, timeUnixNano: point.time_unix_nano, value: value,
            exemplars: try list(point.n_exemplars, point.exemplars, exemplar), flags: point.flags)
    }

    private static func numbers<T>(_ count: Int, _ items: UnsafeMutablePointer<T>?) -> [T] {
        Array(UnsafeBufferPointer(start: items, count: items == nil ? 0 : count))
    }

    private static func histogram(
        _ point: Martlet__Otlp__HistogramDataPoint
    ) throws(WireError) -> OTLP.HistogramDataPoint {
        OTLP.HistogramDataPoint(
            attributes: try attributes(point.n_attributes, point.attributes),
            startTimeUnixNano: point.start_time_unix_nano, timeUnixNano: point.time_unix_nano, count: point.count,
            sum: point.has_sum != 0 ? point.sum : nil,
            bucketCounts: numbers(point.n_bucket_counts, point.bucket_counts),
            explicitBounds: numbers(point.n_explicit_bounds, point.explicit_bounds),
            exemplars: try list(point.n_exemplars, point.exemplars, exemplar), flags: point.flags,
            min: point.has_min != 0 ? point.min : nil, max: point.has_max != 0 ? point.max : nil)
    }

    private static func exponential(
        _ point: Martlet__Otlp__ExponentialHistogramDataPoint
    ) throws(WireError) -> OTLP.ExponentialHistogramDataPoint {
        func buckets(
            _ item: UnsafeMutablePointer<Martlet__Otlp__ExponentialHistogramDataPoint__Buckets>?
        ) -> OTLP.Buckets {
            guard let item = item?.pointee else { return OTLP.Buckets() }
            return OTLP.Buckets(offset: item.offset, bucketCounts: numbers(item.n_bucket_counts, item.bucket_counts))
        }
        return OTLP.ExponentialHistogramDataPoint(
            attributes: try attributes(point.n_attributes, point.attributes),
            startTimeUnixNano: point.start_time_unix_nano, timeUnixNano: point.time_unix_nano, count: point.count,
            sum: point.has_sum != 0 ? point.sum : nil, scale: point.scale, zeroCount: point.zero_count,
            positive: buckets(point.positive), negative: buckets(point.negative), flags: point.flags,
            exemplars: try list(point.n_exemplars, point.exemplars, exemplar),
            min: point.has_min != 0 ? point.min : nil, max: point.has_max != 0 ? point.max : nil,
            zeroThreshold: point.zero_threshold)
    }

    private static func summary(_ point: Martlet__Otlp__SummaryDataPoint) throws(WireError) -> OTLP.SummaryDataPoint {
        OTLP.SummaryDataPoint(
            attributes: try attributes(point.n_attributes, point.attributes),
            startTimeUnixNano: point.start_time_unix_nano, timeUnixNano: point.time_unix_nano, count: point.count,
            sum: point.sum,
            quantileValues: try list(point.n_quantile_values, point.quantile_values) { (item) throws(WireError) in
                OTLP.QuantileValue(quantile: item.quantile, value: item.value)
            }, flags: point.flags)
    }

    private static func exemplar(_ item: Martlet__Otlp__Exemplar) throws(WireError) -> OTLP.Exemplar {
        let value: OTLP.NumberValue =
            switch item.value_case {
            case MARTLET__OTLP__EXEMPLAR__VALUE_AS_DOUBLE: .double(item.as_double)
            case MARTLET__OTLP__EXEMPLAR__VALUE_AS_INT: .int(item.as_int)
            default: .empty
            }
        return OTLP.Exemplar(
            filteredAttributes: try attributes(item.n_filtered_attributes, item.filtered_attributes),
            timeUnixNano: item.time_unix_nano, value: value, spanID: try spanID(item.span_id),
            traceID: try traceID(item.trace_id))
    }
}
