package import MartletCore

/// What a step through an exposition found.
package enum ExpositionEntry: Sendable, Hashable {
    /// A sample of one number.
    case series
    /// A native histogram.
    case histogram
    /// The type of a family.
    case type
    /// What a family is about.
    case help
    /// The unit of a family.
    case unit
}

/// A walk over what a target exposes, in whatever format: samples and what is said about their families, in order.
///
/// A series is known by its key, the same bytes in every scrape, so that its labels are parsed only the first time.
package protocol ExpositionReader {
    /// Finds what comes next; nil at the end.
    mutating func next() throws(WireError) -> ExpositionEntry?
    /// Gives `body` the bytes by which the sample's series is known.
    func withKey<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result
    /// The sample's value.
    var value: Double { get }
    /// The native histogram last found, as it came.
    var histogram: RemoteWrite.Histogram { get }
    /// The sample's own time in milliseconds since the Unix epoch; nil when it has none.
    var timestamp: Int64? { get }
    /// When the sample's count began, in milliseconds since the Unix epoch; nil when that is not told.
    var startTimestamp: Int64? { get }
    /// The label set of the sample's series, metric name included, checked.
    mutating func labels() throws(WireError) -> Labels
    /// Names that the last `labels()` found with an empty value, and which are not among the labels.
    var emptyLabelNames: [String] { get }
    /// Gives `body` each exemplar of the sample: its labels, milliseconds since the Unix epoch where it has a time, and
    /// its value.
    mutating func exemplars(_ body: (Labels, Int64?, Double) -> Void) throws(WireError)
    /// The type of the family last met.
    var type: MetricType { get }
    /// Raw bytes of the family's name, in the exposition.
    var family: ByteRange { get }
    /// Raw bytes of the HELP or UNIT text last found, in the exposition.
    var text: ByteRange { get }
    /// The family's name without escapes.
    var familyName: String { get }
    /// The HELP or UNIT text last found without escapes.
    var unescapedText: String { get }
}

extension ExpositionParser: ExpositionReader {
    @inlinable
    package func withKey<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { body(series.bytes(in: bytes)) }

    /// Text has no native histograms.
    package var histogram: RemoteWrite.Histogram { RemoteWrite.Histogram() }

    /// Text tells it by series of their own.
    package var startTimestamp: Int64? { nil }

    package mutating func exemplars(_ body: (Labels, Int64?, Double) -> Void) throws(WireError) {
        guard let exemplar else { return }
        body(try labels(of: exemplar), exemplar.timestamp, exemplar.value)
    }
}
