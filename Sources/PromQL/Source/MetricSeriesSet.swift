package import MartletCore
package import SampleMath

/// The series a selection found, as a stable snapshot: samples that arrive later are not seen, and nothing that is
/// read goes away while the set lives.
package protocol MetricSeriesSet: Sendable {
    /// Number of series, in no particular order; no label set occurs twice.
    var count: Int { get }

    /// Bytes that the set holds and that the query was charged for when it was made: to be released when it goes.
    var memory: Int { get }

    /// Identity of a series.
    func labels(at index: Int) -> Labels

    /// Appends all float samples of a series within the selection's times to `columns`, ascending and without
    /// duplicates. Staleness markers are samples. May be called from several threads at once.
    func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError)

    /// Appends all samples of a series within the selection's times, native histograms and start timestamps included.
    /// What the engine calls; a source that has floats only need not implement it.
    func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError)
}

extension MetricSeriesSet {
    package var memory: Int { 0 }

    package func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError) {
        try read(index, into: &samples.floats)
    }
}
