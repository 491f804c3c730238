import MartletCore
import SampleMath

/// A function over ranges on its way through the series of its argument.
struct RangeRun {
    private let node: Expression.Call
    private let call: RangeCall
    private let grid: StepGrid
    private let argument: Expression
    private let boundary: Expression.Boundary?
    private let parameters: [[Double]]
    private let usesStarts: Bool
    private var column: StepColumn
    private var window: WatchedWindow?
    /// The metric of the last series of which all remarks have been made.
    private var remarkedName: [UInt8] = []

    init(
        node: Expression.Call, call: RangeCall, grid: StepGrid, argument: Expression, boundary: Expression.Boundary?,
        parameters: [[Double]], usesStarts: Bool
    ) {
        self.node = node
        self.call = call
        self.grid = grid
        self.argument = argument
        self.boundary = boundary
        self.parameters = parameters
        self.usesStarts = usesStarts
        column = StepColumn(missing: grid.count)
    }

    /// A parameter's values, one per step, or none.
    func parameter(_ index: Int) -> [Double] { index < parameters.count ? parameters[index] : [] }

    /// A fixed window gives the same at every step, unless a parameter or the step's time comes in.
    private func isFixed(_ moments: StepGrid) -> Bool { moments.step == 0 && call.parameters.isEmpty }

    /// The windows that are to be looked at.
    func ends(_ moments: StepGrid) -> StepGrid { isFixed(moments) ? StepGrid(instant: moments.start) : moments }

    /// Checks the parameters, before the first series that has samples.
    mutating func prepare(_ moments: StepGrid, _ range: Int64, _ evaluator: Evaluator) throws(QueryError) {
        guard window == nil else { return }
        try evaluator.checkParameters(call, parameters, node)
        window = WatchedWindow(grid: ends(moments), range: range, context: evaluator.context)
    }

    /// Evaluates the function over a series' samples and hands over what comes out.
    mutating func evaluate(
        _ labels: Labels, _ dropsName: Bool, _ samples: SeriesSamples, _ moments: StepGrid, _ range: Int64,
        _ evaluator: Evaluator, _ sink: Evaluator.Sink
    ) throws(QueryError) {
        try prepare(moments, range, evaluator)
        let ends = ends(moments)
        if column.hasHistograms { column = StepColumn(missing: grid.count) }
        var remarks: SampleRemarks = []
        if let boundary {
            let extended = ExtendedRange(
                function: call.function, boundary: boundary, grid: ends, range: range,
                lookback: evaluator.options.lookback)
            remarks = extended.evaluate(samples, into: &column)
        } else {
            let any = try evaluateFloats(samples)
            if !samples.histograms.isEmpty {
                remarks = HistogramRange(function: call.function, grid: ends, range: range)
                    .evaluate(samples, into: &column)
            }
            if usesStarts { evaluator.warnOfOverlaps(samples, ends, range, labels, call, argument) }
            if samples.histograms.isEmpty, !any { return }
        }
        if isFixed(moments), grid.count > 1 { column.repeatFirst() }
        evaluator.annotations.note(remarks, metric: Evaluator.name(labels), at: argument.range)
        guard boundary == nil && samples.histograms.isEmpty || column.isPresentAnywhere else { return }
        try handOver(labels, dropsName, evaluator, sink)
    }

    private mutating func evaluateFloats(_ samples: SeriesSamples) throws(QueryError) -> Bool {
        guard window != nil else { return false }
        // The error travels through a result because the buffer's closure has none of a type.
        var outcome = Result<Bool, QueryError>.success(false)
        let (first, second) = (parameter(0), parameter(1))
        column.values.withUnsafeMutableBufferPointer { row in
            do throws(QueryError) {
                outcome = .success(
                    try window?.evaluate(
                        call.function, samples, parameters: first, second: second, evaluationTimes: grid, into: row)
                        ?? false)
            } catch {
                outcome = .failure(error)
            }
        }
        return try outcome.get()
    }

    /// Hands over a row that was computed of a series with floats alone.
    mutating func deliver(
        _ row: UnsafeBufferPointer<Double>, _ labels: Labels, _ moments: StepGrid, _ range: Int64,
        _ evaluator: Evaluator, _ sink: Evaluator.Sink
    ) throws(QueryError) {
        try prepare(moments, range, evaluator)
        column.assign(row)
        if isFixed(moments), grid.count > 1 { column.repeatFirst() }
        try handOver(labels, false, evaluator, sink)
    }

    private mutating func handOver(
        _ labels: Labels, _ dropsName: Bool, _ evaluator: Evaluator, _ sink: Evaluator.Sink
    ) throws(QueryError) {
        if call.function == .rate || call.function == .increase {
            labels.withValue(of: Labels.metricName) { name in
                if remarkedName.withUnsafeBytes({ Bytes.equal($0, name) }) { return }
                if evaluator.remarkOnName(labels, column, argument) { remarkedName = [UInt8](name) }
            }
        }
        if call.keepsName {
            try sink(labels, dropsName, &column)
        } else {
            try evaluator.emitWithoutName(labels, &column, sink)
        }
    }
}
