package import MartletCore
import SampleMath

/// Writes query results as Prometheus' HTTP API does: the value of `data` for `/query` and `/query_range`.
package enum ResultEncoder {
    /// Bytes that a result takes as text, about.
    package static func size(_ result: QueryResult) -> Int {
        let (sample, series) = (32, 96)
        switch result.value {
        case .scalar: return series
        case .string(let text): return series + text.utf8.count
        case .vector(let samples):
            return samples.reduce(series) {
                $0 + series + sample * (1 + ($1.histogram?.weight ?? 0)) + $1.labels.bytes.count * 3 / 2
            }
        case .matrix(let matrix):
            return matrix.reduce(series) {
                $0 + series + sample * ($1.samples.count + $1.histograms.weight) + $1.labels.bytes.count * 3 / 2
            }
        }
    }

    /// `{"resultType":…,"result":…}`. `limit` cuts vectors and matrices (0: no limit); the caller adds the warning.
    /// `statistics` may write the member `stats`.
    package static func write(
        _ result: QueryResult, limit: Int = 0, to writer: inout JSONWriter,
        statistics: (inout JSONWriter) -> Void = { _ in }
    ) {
        writer.beginObject()
        writer.key("resultType")
        switch result.value {
        case .scalar(let value):
            writer.string("scalar")
            writer.key("result")
            writer.sample(result.time, value)
        case .string(let text):
            writer.string("string")
            writer.key("result")
            writer.beginArray()
            writer.sampleTime(result.time)
            writer.string(text)
            writer.endArray()
        case .vector(let samples):
            writer.string("vector")
            writer.key("result")
            writer.beginArray()
            for sample in limit > 0 ? samples.prefix(limit) : samples[...] {
                writer.beginObject()
                writer.key("metric")
                writer.labels(sample.labels)
                if let histogram = sample.histogram {
                    writer.key("histogram")
                    writeSample(result.time, histogram, to: &writer)
                } else {
                    writer.key("value")
                    writer.sample(result.time, sample.value)
                }
                writer.endObject()
            }
            writer.endArray()
        case .matrix(let matrix):
            writer.string("matrix")
            writer.key("result")
            writer.beginArray()
            for series in limit > 0 ? matrix.prefix(limit) : matrix[...] {
                writer.beginObject()
                writer.key("metric")
                writer.labels(series.labels)
                if !series.samples.isEmpty {
                    writer.key("values")
                    writer.beginArray()
                    for index in 0..<series.samples.count {
                        writer.sample(series.samples.timestamps[index], series.samples.values[index])
                    }
                    writer.endArray()
                }
                if !series.histograms.isEmpty {
                    writer.key("histograms")
                    writer.beginArray()
                    for index in 0..<series.histograms.count {
                        writeSample(series.histograms.timestamps[index], series.histograms.values[index], to: &writer)
                    }
                    writer.endArray()
                }
                writer.endObject()
            }
            writer.endArray()
        }
        statistics(&writer)
        writer.endObject()
    }

    /// The whole answer: status, data, and warnings and infos where there are any (ten of each at most).
    package static func success(
        _ result: QueryResult, limit: Int = 0, statistics: (inout JSONWriter) -> Void = { _ in }
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.bytes.reserveCapacity(size(result))
        writer.beginObject()
        writer.key("status")
        writer.string("success")
        writer.key("data")
        write(result, limit: limit, to: &writer, statistics: statistics)
        var warnings = result.warnings
        if isCut(result, limit) { warnings.append("results truncated due to limit") }
        write("warnings", warnings, noun: "warning", to: &writer)
        write("infos", result.infos, noun: "info", to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// The answer of a failed query.
    package static func failure(_ error: QueryError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("status")
        writer.string("error")
        writer.key("errorType")
        writer.string(error.kind.rawValue)
        writer.key("error")
        writer.string(error.message)
        writer.endObject()
        return writer.bytes
    }

    private static func isCut(_ result: QueryResult, _ limit: Int) -> Bool {
        guard limit > 0 else { return false }
        switch result.value {
        case .vector(let samples): return samples.count > limit
        case .matrix(let matrix): return matrix.count > limit
        default: return false
        }
    }

    private static func write(_ key: String, _ texts: [String], noun: String, to writer: inout JSONWriter) {
        if texts.isEmpty { return }
        writer.key(key)
        writer.beginArray()
        for text in texts.prefix(10) { writer.string(text) }
        if texts.count > 10 { writer.string("\(texts.count - 10) more \(noun) annotations omitted") }
        writer.endArray()
    }
}

extension ResultEncoder {
    /// `[time, {"count":…,"sum":…,"buckets":[[rule,"lower","upper","count"],…]}]`, empty buckets left out.
    private static func writeSample(_ time: Int64, _ histogram: NativeHistogram, to writer: inout JSONWriter) {
        writer.beginArray()
        writer.sampleTime(time)
        writer.beginObject()
        writer.key("count")
        writer.sampleValue(histogram.count)
        writer.key("sum")
        writer.sampleValue(histogram.sum)
        let populated = histogram.buckets.filter { $0.count != 0 }
        if !populated.isEmpty {
            writer.key("buckets")
            writer.beginArray()
            for bucket in populated {
                writer.beginArray()
                writer.int(boundaryRule(bucket))
                writer.sampleValue(bucket.lower)
                writer.sampleValue(bucket.upper)
                writer.sampleValue(bucket.count)
                writer.endArray()
            }
            writer.endArray()
        }
        writer.endObject()
        writer.endArray()
    }

    /// 0: the upper bound belongs to the bucket, 1: the lower one, 2: neither, 3: both.
    private static func boundaryRule(_ bucket: HistogramBucket) -> Int {
        switch (bucket.includesLower, bucket.includesUpper) {
        case (false, true): 0
        case (true, false): 1
        case (false, false): 2
        case (true, true): 3
        }
    }
}

extension QueryError.Kind {
    /// The status that Prometheus' API answers with.
    package var httpStatus: Int {
        switch self {
        case .badData: 400
        case .execution: 422
        case .canceled: 499
        case .timeout: 503
        case .internal: 500
        }
    }
}
