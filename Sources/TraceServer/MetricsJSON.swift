import MartletCore
import TraceQL

/// Metrics answers as Tempo writes them. One that is `incomplete` says why.
enum MetricsJSON {
    static func range(_ answer: QueryRoutes.Measured) -> [UInt8] {
        let steps = answer.steps
        return write(answer.series, answer.incomplete) { one, json in
            json.key("samples")
            json.beginArray()
            for index in one.values.indices where !one.values[index].isNaN {
                json.beginObject()
                json.key("timestampMs")
                json.string(String(steps.time(index) / 1_000_000))
                value(one.values[index], to: &json)
                json.endObject()
            }
            json.endArray()
            json.key("exemplars")
            json.beginArray()
            for (exemplar, value) in answer.exemplars(of: one) { append(exemplar, value, to: &json) }
            json.endArray()
        }
    }

    private static func append(_ exemplar: MetricExemplar, _ number: Double, to json: inout JSONWriter) {
        json.beginObject()
        json.key("labels")
        SearchJSON.pairs(SearchJSON.labels(exemplar), to: &json)
        value(number, to: &json)
        json.key("timestampMs")
        json.string(String(exemplar.time / 1_000_000))
        json.endObject()
    }

    static func instant(_ answer: QueryRoutes.Measured) -> [UInt8] {
        write(answer.present, answer.incomplete) { one, json in value(one.values.first ?? 0, to: &json) }
    }

    private static func write(
        _ series: [MetricSeries], _ incomplete: String?, _ body: (MetricSeries, inout JSONWriter) -> Void
    ) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("series")
        json.beginArray()
        for one in series {
            json.beginObject()
            json.key("labels")
            SearchJSON.pairs(one.labels, to: &json)
            body(one, &json)
            json.endObject()
        }
        json.endArray()
        json.key("metrics")
        json.raw(#"{"completedJobs":1,"totalJobs":1}"#)
        if let incomplete {
            json.key("status")
            json.string("PARTIAL")
            json.key("message")
            json.string(incomplete)
        }
        json.endObject()
        return json.bytes
    }

    /// Zero is left out, as protobuf's JSON mapping does; what is not finite is text.
    private static func value(_ value: Double, to json: inout JSONWriter) {
        if value == 0 { return }
        json.key("value")
        if value.isFinite {
            json.double(value)
        } else {
            json.string(value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
        }
    }
}
