import MartletCore
import Wire

/// An exemplar that a scrape brought.
struct ScrapedExemplar {
    let labels: Labels
    /// Milliseconds since the Unix epoch; nil when it has no time.
    let time: Int64?
    let value: Double
}

/// Gathers the series of one classic histogram from a text, line by line, for a native one with the same bounds.
struct ClassicGathering {
    /// What a series is of its histogram.
    enum Part: Equatable {
        case bucket(Double)
        case count
        case sum
    }

    /// Labels of the histogram that is being gathered, without bounds; nil when there is none.
    private(set) var base: Labels?
    private(set) var parts = ClassicHistogram()
    private(set) var exemplars: [ScrapedExemplar] = []
    /// The time that its series are given with, in milliseconds since the Unix epoch.
    private(set) var time: Int64?

    /// What a series is of the histograms of a family, and the labels of its histogram; nil when it is none of theirs.
    static func part(_ labels: Labels, of family: String) -> (part: Part, base: Labels)? {
        guard let name = labels[Labels.metricName] else { return nil }
        let part: Part
        switch name {
        case family + "_bucket":
            guard let text = labels["le"], let bound = Array(text.utf8).withUnsafeBytes(FloatParser.parse),
                !bound.isNaN
            else { return nil }
            part = .bucket(bound)
        case family + "_count": part = .count
        case family + "_sum": part = .sum
        default: return nil
        }
        var builder = LabelsBuilder(labels)
        builder.set(Labels.metricName, family)
        builder.remove("le")
        return (part, builder.build())
    }

    /// Adds a series of the histogram `base`, which the parts so far are of as well, if there are any.
    mutating func add(_ part: Part, _ value: Double, at time: Int64?, of base: Labels) {
        self.base = base
        self.time = time
        switch part {
        case .bucket(let bound): parts.setBucket(bound, value)
        case .count: parts.setCount(value)
        case .sum: parts.setSum(value)
        }
    }

    /// Adds an exemplar of the last series; one without a time is passed over, since a new one could not be told from a
    /// repetition.
    mutating func add(_ exemplar: ScrapedExemplar) {
        if exemplar.time != nil { exemplars.append(exemplar) }
    }

    /// Forgets the histogram.
    mutating func removeAll() {
        base = nil
        parts.removeAll()
        exemplars.removeAll(keepingCapacity: true)
        time = nil
    }
}
