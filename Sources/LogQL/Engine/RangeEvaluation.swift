import MartletCore
import SampleMath

/// Evaluates one range aggregation, such as `rate({app="a"} |= "error" [5m])`.
///
/// Functions that only count (lines or bytes) need no samples: each line adds to the steps whose window holds it, through
/// the difference of neighbouring steps. The others gather samples by series and slide windows over them.
final class RangeEvaluation {
    private let aggregation: RangeAggregation
    private let grid: StepGrid
    private let windows: StepGrid
    private let context: LogQueryContext
    private let keepsName: (UnsafeRawBufferPointer) -> Bool
    private var pipeline: LinePipeline
    private var pace: QueryPace
    private var series: SeriesTable
    private let isCounting: Bool
    private var counts: StepCounts
    private var samples: [SampleColumns] = []
    private var scratch: [UInt8] = []

    /// `grouping` is the function's own, or that of a sum around it.
    init(
        _ aggregation: RangeAggregation, grouping: Grouping?, grid: StepGrid, context: LogQueryContext
    ) throws(LogQueryError) {
        self.aggregation = aggregation
        self.grid = grid
        self.context = context
        windows = grid.shifted(by: -aggregation.range.offset)
        let unwrap = aggregation.range.unwrap
        var wanted: Set<String>?
        if let grouping, !grouping.isWithout {
            wanted = Set(grouping.names)
            if let unwrap { wanted?.formUnion([unwrap.label] + unwrap.filters.flatMap(\.names)) }
        } else if aggregation.operation == .absent {
            wanted = Set(unwrap.map { [$0.label] + $0.filters.flatMap(\.names) } ?? [])
        }
        pipeline = try LinePipeline(aggregation.range.log.stages, wanted: wanted)
        pace = QueryPace(context, costPerByte: pipeline.cost + (unwrap?.filters.count ?? 0))
        keepsName = Self.names(grouping, isAbsent: aggregation.operation == .absent, unwrap: unwrap)
        isCounting = unwrap == nil
        counts = StepCounts(grid: windows, range: aggregation.range.range)
        series = SeriesTable()
    }

    private static func names(
        _ grouping: Grouping?, isAbsent: Bool, unwrap: Unwrap?
    ) -> (UnsafeRawBufferPointer) -> Bool {
        if isAbsent { return { _ in false } }
        let unwrapped = unwrap.map { Array($0.label.utf8) }
        guard let grouping else {
            guard let unwrapped else { return { _ in true } }
            return { !$0.elementsEqual(unwrapped) }
        }
        let names = grouping.names.map { Array($0.utf8) }
        let isWithout = grouping.isWithout
        return { name in
            if isWithout, let unwrapped, name.elementsEqual(unwrapped) { return false }
            return names.contains { name.elementsEqual($0) } != isWithout
        }
    }

    func run(_ source: any LogSource) throws(LogQueryError) -> SeriesMatrix {
        guard grid.count > 0 else { return SeriesMatrix() }
        let countsLinesOnly = isCounting && pipeline.isEmpty
        let selection = LogSelection(
            matchers: aggregation.range.log.matchers, start: windows.start - aggregation.range.range + 1,
            end: windows.end + 1, lineFilters: pipeline.pushedFilters, direction: .forward,
            text: !countsLinesOnly ? .lines : isBytes ? .lengths : .none)
        try source.entries(selection, context: context) { (batch) throws(LogQueryError) -> LogVisit in
            pipeline.begin(stream: batch.labels)
            if countsLinesOnly {
                try countStored(batch)
            } else {
                try process(batch)
            }
            return .more
        }
        return aggregation.operation == .absent ? absent() : try result()
    }

    // MARK: Gathering

    /// Stored lines, no stages: entries of one metadata set share their series.
    private func countStored(_ batch: LogBatch) throws(LogQueryError) {
        var ofSet = [Int](repeating: -1, count: batch.metadataEnds.count)
        let countsBytes = isBytes
        var index = 0
        while index < batch.rows.count {
            let row = Int(batch.rows[index])
            let set = Int(batch.metadataIDs[row])
            if ofSet[set] < 0 {
                pipeline.labels.begin(metadata: batch.metadataSet(set))
                ofSet[set] = try currentSeries()
            }
            // Lines in a row that fall into the same windows and the same series are added at once.
            let steps = counts.steps(of: batch.timestamps[row])
            var lines = 1
            var bytes = countsBytes ? batch.lineLength(row) : 0
            index += 1
            while index < batch.rows.count {
                let next = Int(batch.rows[index])
                guard batch.timestamps[next] <= steps.until, Int(batch.metadataIDs[next]) == set else { break }
                lines += 1
                if countsBytes { bytes += batch.lineLength(next) }
                index += 1
            }
            counts.add(lines: lines, bytes: bytes, to: ofSet[set], steps)
        }
    }

    private func process(_ batch: LogBatch) throws(LogQueryError) {
        for index in 0..<batch.rows.count {
            let row = Int(batch.rows[index])
            let line = batch.line(row)
            try pace.pass(lineBytes: line.count)
            let metadata = batch.metadataSet(Int(batch.metadataIDs[row]))
            guard pipeline.process(line, metadata: metadata, timestamp: batch.timestamps[row]) else { continue }
            var value = 0.0
            if let unwrap = aggregation.range.unwrap {
                guard let unwrapped = self.unwrap(unwrap) else { continue }
                value = unwrapped
            }
            if pipeline.labels.hasError { try refuseErrors() }
            let place = try currentSeries()
            if isCounting {
                let bytes = isBytes ? pipeline.withLine(line) { $0.count } : 0
                counts.add(lines: 1, bytes: bytes, to: place, counts.steps(of: batch.timestamps[row]))
            } else {
                try context.hold(16)
                samples[place].append(batch.timestamps[row], value)
            }
        }
    }

    /// The number in the unwrapped label; nil when the line is passed over.
    private func unwrap(_ unwrap: Unwrap) -> Double? {
        let name = Array(unwrap.label.utf8)
        let value: Double? = pipeline.labels.withValue(name) { text in
            guard !text.isEmpty else { return nil }
            switch unwrap.conversion {
            case .number: return NumberText.value(text, .number) ?? .nan
            case .duration, .seconds: return NumberText.value(text, .duration).map { $0 / 1e9 } ?? .nan
            case .bytes: return NumberText.value(text, .bytes) ?? .nan
            }
        }
        guard var value else { return nil }
        if value.isNaN {
            let text = pipeline.labels.withValue(name) { String(decoding: $0, as: UTF8.self) }
            if text.lowercased() != "nan" {
                let unit: LabelFilter.Unit =
                    switch unwrap.conversion {
                    case .number: .number
                    case .duration, .seconds: .duration
                    case .bytes: .bytes
                    }
                pipeline.labels.fail("SampleExtractionErr", NumberText.complaint(text, unit))
                value = 0
            }
        }
        for filter in unwrap.filters where !LabelCondition(filter).passes(&pipeline.labels) { return nil }
        return value
    }

    /// A metric query with a line in error fails as a whole.
    private func refuseErrors() throws(LogQueryError) {
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
    private func currentSeries() throws(LogQueryError) -> Int {
        scratch.removeAll(keepingCapacity: true)
        pipeline.labels.appendCanonical(to: &scratch, where: keepsName)
        let (place, isNew) = series.place(of: scratch)
        if isNew {
            try context.hold(scratch.count + 64 + (isCounting ? counts.bytesPerSeries : 0))
            if isCounting { counts.addSeries() } else { samples.append(SampleColumns()) }
        }
        return place
    }

    // MARK: Results

    private var isBytes: Bool { aggregation.operation == .bytes || aggregation.operation == .bytesRate }

    private var rangeSeconds: Double { Double(aggregation.range.range) / 1e9 }

    private func result() throws(LogQueryError) -> SeriesMatrix {
        var matrix = SeriesMatrix()
        for place in 0..<series.count {
            try context.check()
            matrix.append(Labels(canonicalBytes: series.labels[place]), isCounting ? counted(place) : sampled(place))
        }
        return matrix
    }

    private func counted(_ place: Int) -> [Double] {
        let divisor = aggregation.operation == .rate || aggregation.operation == .bytesRate ? rangeSeconds : 1
        return counts.column(place, bytes: isBytes, divisor: divisor)
    }

    private func sampled(_ place: Int) -> [Double] {
        var columns = samples[place]
        if zip(columns.timestamps, columns.timestamps.dropFirst()).contains(where: { $0 > $1 }) {
            let order = columns.timestamps.indices.sorted {
                (columns.timestamps[$0], $0) < (columns.timestamps[$1], $1)
            }
            columns = SampleColumns(
                timestamps: order.map { columns.timestamps[$0] }, values: order.map { columns.values[$0] })
        }
        let function: RangeFunction
        var factor = 1.0
        switch aggregation.operation {
        case .sum: function = .sum
        case .rate: (function, factor) = (.sum, 1 / rangeSeconds)
        case .avg: function = .avg
        case .min: function = .min
        case .max: function = .max
        case .stddev: function = .stddev
        case .stdvar: function = .stdvar
        case .first: function = .first
        case .last: function = .last
        case .quantile: function = .quantile
        // The window counts in milliseconds, ours are nanoseconds.
        case .rateCounter: (function, factor) = (.rate, 1e6)
        case .count, .bytes, .bytesRate, .absent: function = .count
        }
        var out = [Double](repeating: Missing.value, count: grid.count)
        var window = RangeWindow(grid: windows, range: aggregation.range.range)
        let parameters = [Double](repeating: aggregation.parameter ?? 0, count: grid.count)
        out.withUnsafeMutableBufferPointer { _ = window.evaluate(function, columns, parameters: parameters, into: $0) }
        if aggregation.operation == .rateCounter { setLoneSamples(columns, in: &out) }
        if factor != 1 { for step in out.indices where !Missing.isMissing(out[step]) { out[step] *= factor } }
        return out
    }

    /// A counter that was seen once in a window has not grown.
    private func setLoneSamples(_ columns: SampleColumns, in out: inout [Double]) {
        var counts = [Double](repeating: Missing.value, count: grid.count)
        var window = RangeWindow(grid: windows, range: aggregation.range.range)
        counts.withUnsafeMutableBufferPointer { _ = window.evaluate(.count, columns, into: $0) }
        for step in out.indices where Missing.isMissing(out[step]) && !Missing.isMissing(counts[step]) { out[step] = 0 }
    }

    /// 1 at every step without a line; labels from the equality matchers.
    private func absent() -> SeriesMatrix {
        var present = [Bool](repeating: false, count: grid.count)
        for place in 0..<series.count {
            let column = isCounting ? counts.column(place, bytes: false, divisor: 1) : sampled(place)
            for step in 0..<grid.count where !Missing.isMissing(column[step]) { present[step] = true }
        }
        var labels = LabelsBuilder()
        var seen: Set<String> = []
        for matcher in aggregation.range.log.matchers where matcher.kind == .equal {
            // A name that is asked for twice says nothing about a series.
            labels.set(matcher.name, seen.insert(matcher.name).inserted ? matcher.value : "")
        }
        var matrix = SeriesMatrix()
        matrix.append(labels.build(), present.map { $0 ? Missing.value : 1 })
        return matrix
    }
}
