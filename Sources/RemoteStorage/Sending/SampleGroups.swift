import MartletCore
import Wire

/// The samples of one request by series, in the order in which the series come first: their labels are written once.
struct SampleGroups {
    /// Samples of a series: floats or native histograms.
    struct Group {
        let series: Labels
        var samples: [RemoteWrite.WriteRequest.Sample] = []
        var histograms: [RemoteWrite.Histogram] = []
        var exemplars: [RemoteWrite.SeriesExemplar] = []
    }

    private(set) var groups: [Group] = []
    /// Where the floats and the histograms of a series are.
    private var floats: [Labels: Int] = [:]
    private var histograms: [Labels: Int] = [:]

    init(_ samples: [QueuedSample]) {
        groups.reserveCapacity(samples.count)
        var exemplars: [(series: Labels, exemplar: RemoteWrite.SeriesExemplar)] = []
        for sample in samples {
            switch sample.content {
            case .float(let value):
                let index = index(of: sample.series, in: \.floats)
                groups[index].samples.append(.init(timestamp: sample.timestamp, value: value))
            case .histogram(let histogram):
                let index = index(of: sample.series, in: \.histograms)
                groups[index].histograms.append(.init(histogram, at: sample.timestamp))
            case .exemplar(let labels, let value):
                exemplars.append((sample.series, .init(labels, value: value, timestamp: sample.timestamp)))
            }
        }
        // The log has them behind their samples.
        for (series, exemplar) in exemplars {
            let index = floats[series] ?? histograms[series] ?? index(of: series, in: \.floats)
            groups[index].exemplars.append(exemplar)
        }
    }

    private mutating func index(of series: Labels, in table: WritableKeyPath<SampleGroups, [Labels: Int]>) -> Int {
        if let index = self[keyPath: table][series] { return index }
        self[keyPath: table][series] = groups.count
        groups.append(Group(series: series))
        return groups.count - 1
    }
}
