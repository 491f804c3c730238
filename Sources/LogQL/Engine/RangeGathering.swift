import MartletCore
import SampleMath

/// Gathers the series of one range aggregation from one reader. Used from one thread.
struct RangeGathering {
    private let aggregation: RangeAggregation
    private let context: LogQueryContext
    private let names: SeriesNames
    private let unwrap: UnwrappedValue?
    private let selection: LogSelection
    private let countsLinesOnly: Bool
    private var pipeline: LinePipeline
    private var pace: QueryPace
    private var scratch: [UInt8] = []
    /// What was gathered.
    private(set) var series: RangeSeries

    /// `grouping` is the function's own, or that of a sum around it; `windows` are the ends of the windows; `plan` is how samples
    /// are made fewer.
    init(
        _ aggregation: RangeAggregation, grouping: Grouping?, windows: StepGrid, plan: BucketPlan?,
        context: LogQueryContext
    ) throws(LogQueryError) {
        self.aggregation = aggregation
        self.context = context
        let log = aggregation.range.log
        var wanted: Set<String>?
        if let grouping, !grouping.isWithout {
            wanted = Set(grouping.names)
        } else if aggregation.operation == .absent {
            wanted = []
        }
        if let unwrap = aggregation.range.unwrap {
            wanted?.formUnion([unwrap.label] + unwrap.filters.flatMap(\.names))
        }
        pipeline = try LinePipeline(log.stages, wanted: wanted)
        pace = QueryPace(context, costPerByte: pipeline.cost + (aggregation.range.unwrap?.filters.count ?? 0))
        names = SeriesNames(
            grouping, isAbsent: aggregation.operation == .absent, unwrap: aggregation.range.unwrap)
        unwrap = aggregation.range.unwrap.map { UnwrappedValue($0) }
        let range = aggregation.range.range
        series = RangeSeries(isCounting: unwrap == nil, counts: StepCounts(grid: windows, range: range), plan: plan)
        countsLinesOnly = unwrap == nil && pipeline.looksAtStoredLabelsOnly
        var selection = LogSelection(
            matchers: log.matchers, start: windows.start - range + 1, end: windows.end + 1,
            lineFilters: pipeline.pushedFilters, direction: .forward,
            text: !countsLinesOnly ? .lines : aggregation.isOfBytes ? .lengths : .none,
            hints: FieldHint.hints(log.stages, unwrap: aggregation.range.unwrap),
            labelHints: LabelHint.hints(log.stages))
        if countsLinesOnly { selection.labels = pipeline.neededLabels }
        self.selection = selection
    }

    /// What readers are asked for.
    var wish: LogSelection { selection }

    /// Gathers all that `reader` has.
    mutating func gather(_ reader: any LogReader) throws(LogQueryError) {
        if countsLinesOnly {
            try count(reader)
        } else {
            try process(reader, selection)
        }
    }

    /// Counts come by stream and metadata, so that filters on labels are put to each of these once.
    private mutating func count(_ reader: any LogReader) throws(LogQueryError) {
        let edges = series.counts.edges
        let steps = series.counts.steps(of: edges)
        var isInError = false
        try reader.counts(selection, edges: edges, context: context) { (counts) throws(LogQueryError) in
            pipeline.begin(stream: counts.labels)
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            guard !isInError, pipeline.process(none, metadata: counts.metadata, timestamp: 0) else { return }
            isInError = pipeline.labels.hasError
            let place = try currentSeries()
            for interval in counts.intervals {
                series.add(
                    lines: interval.lines, bytes: interval.bytes, to: place, steps[interval.interval])
            }
        }
        guard isInError else { return }
        // The error names the labels of the first line that has it.
        var all = selection
        all.labels = nil
        try process(reader, all)
    }

    private mutating func process(_ reader: any LogReader, _ selection: LogSelection) throws(LogQueryError) {
        try reader.entries(selection, context: context) { (batch) throws(LogQueryError) -> LogVisit in
            try process(batch)
            return .more
        }
    }

    private mutating func process(_ batch: LogBatch) throws(LogQueryError) {
        pipeline.begin(stream: batch.labels)
        for index in 0..<batch.rows.count {
            let row = Int(batch.rows[index])
            let line = batch.line(row)
            try pace.pass(lineBytes: line.count)
            let metadata = batch.metadataSet(Int(batch.metadataIDs[row]))
            guard pipeline.process(line, metadata: metadata, timestamp: batch.timestamps[row]) else { continue }
            var value = 0.0
            if let unwrap {
                guard let unwrapped = unwrap.value(&pipeline.labels) else { continue }
                value = unwrapped
            }
            if pipeline.labels.hasError { try refuseErrors() }
            let place = try currentSeries()
            if unwrap == nil {
                let bytes = aggregation.isOfBytes ? pipeline.withLine(line) { $0.count } : 0
                series.add(
                    lines: 1, bytes: bytes, to: place, series.counts.steps(of: batch.timestamps[row]))
            } else {
                try series.add(batch.timestamps[row], value, to: place, context)
            }
        }
    }

    /// A metric query with a line in error fails as a whole.
    private mutating func refuseErrors() throws(LogQueryError) {
        guard let code = pipeline.labels.value(LineLabels.error), !code.isEmpty else { return }
        var bytes: [UInt8] = []
        pipeline.labels.appendCanonical(to: &bytes) { _ in true }
        let error = String(decoding: code, as: UTF8.self)
        throw LogQueryError(
            .pipeline,
            "pipeline error: '\(error)' for series: '\(Labels(canonicalBytes: bytes))'.\n"
                + "Use a label filter to intentionally skip this error. (e.g | __error__!=\"\(error)\").\n"
                + "To skip all potential errors you can match empty errors.(e.g __error__=\"\")\n"
                + "The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__=\"\" )\n")
    }

    /// The series of the line processed last.
    private mutating func currentSeries() throws(LogQueryError) -> Int {
        scratch.removeAll(keepingCapacity: true)
        names.append(of: &pipeline.labels, to: &scratch)
        return try series.place(of: scratch, context)
    }
}
