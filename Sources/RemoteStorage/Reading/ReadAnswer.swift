import MartletCore
import MetricStorage
package import PromQL
import SampleMath
package import Wire

/// The answer to one query of a remote read request: series in the order of their labels, under the external labels as well.
package struct ReadAnswer: Sendable {
    /// The header of a request whose answer is to have the labels as they are stored, without the external ones: our own.
    package static let storedLabelsHeader = (name: "X-Martlet-Labels", value: "stored")

    private let set: any MetricSeriesSet
    private let series: [(labels: Labels, index: Int)]

    /// Number of series.
    package var count: Int { series.count }

    /// Finds the series. A matcher that asks for an external label's own value is passed by every series that has no label of
    /// that name.
    package init(
        _ query: RemoteRead.Request.Query, from source: any MetricSource,
        externalLabels: [(key: String, value: String)], context: QueryContext
    ) throws(QueryError) {
        var matchers: [Matcher] = []
        for wanted in query.matchers {
            let isOwn =
                wanted.type == 0 && externalLabels.contains { $0.key == wanted.name && $0.value == wanted.value }
            matchers.append(isOwn ? Matcher(equal: wanted.name, "") : try Self.matcher(wanted))
        }
        var hints = MetricSelection.Hints()
        if let given = query.hints {
            hints = .init(step: given.stepMs, range: given.rangeMs, function: given.function)
        }
        let set = try source.select(
            MetricSelection(matchers: matchers, minTime: query.startMs, maxTime: query.endMs, hints: hints),
            context: context)
        self.set = set
        var series: [(labels: Labels, index: Int)] = []
        series.reserveCapacity(set.count)
        for index in 0..<set.count {
            if index % 4096 == 0 { try context.check() }
            let own = set.labels(at: index)
            guard !externalLabels.isEmpty else {
                series.append((own, index))
                continue
            }
            var builder = LabelsBuilder(own)
            for (key, value) in externalLabels where builder[key] == nil { builder.set(key, value) }
            series.append((builder.build(), index))
        }
        series.sort { $0.labels < $1.labels }
        self.series = series
    }

    private static func matcher(_ wanted: RemoteRead.Request.Matcher) throws(QueryError) -> Matcher {
        let kinds: [Matcher.Kind] = [.equal, .notEqual, .regex, .notRegex]
        guard kinds.indices.contains(Int(wanted.type)) else {
            throw QueryError(.badData, "invalid matcher type: \(wanted.type)")
        }
        do throws(RegexError) {
            return try Matcher(kinds[Int(wanted.type)], wanted.name, wanted.value)
        } catch {
            throw QueryError(.badData, "\(error)")
        }
    }

    /// The samples of a series; native histograms have floats as counts. `buffer` keeps its memory from call to call.
    package func samples(
        _ position: Int, _ buffer: inout SeriesSamples
    ) throws(QueryError) -> RemoteRead.Series {
        buffer.removeAll()
        try set.read(series[position].index, into: &buffer)
        var result = RemoteRead.Series(series[position].labels)
        result.samples = zip(buffer.floats.timestamps, buffer.floats.values).map {
            RemoteWrite.WriteRequest.Sample(timestamp: $0, value: $1)
        }
        result.histograms = zip(buffer.histograms.timestamps, buffer.histograms.values).map {
            RemoteWrite.Histogram(StoredHistogram($1), at: $0)
        }
        return result
    }

    /// The same in chunks.
    package func chunks(
        _ position: Int, _ buffer: inout SeriesSamples
    ) throws(QueryError) -> RemoteRead.Series {
        buffer.removeAll()
        try set.read(series[position].index, into: &buffer)
        var result = RemoteRead.Series(series[position].labels)
        ChunkWriter.chunks(of: buffer) { encoding, first, last, data in
            result.chunks.append(
                .init(minTimeMs: first, maxTimeMs: last, encoding: encoding, data: Array(data)))
        }
        return result
    }
}
