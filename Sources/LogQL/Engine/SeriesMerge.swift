import MartletCore
import SampleMath

/// Gathers columns by labels; two values of one label set at one step are an error.
struct SeriesMerge {
    private let steps: Int
    private let context: LogQueryContext
    private var places: [Labels: Int] = [:]
    private var labels: [Labels] = []
    private var columns: [[Double]] = []

    /// Columns of so many steps, whose memory is taken from the query's.
    init(steps: Int, _ context: LogQueryContext) {
        self.steps = steps
        self.context = context
    }

    /// Adds a column; `conflict` words the error.
    mutating func add(
        _ labels: Labels, _ column: [Double], conflict: (Labels) -> String
    ) throws(LogQueryError) {
        guard let place = places[labels] else {
            try context.hold(labels.bytes.count + column.count * MemoryLayout<Double>.stride)
            places[labels] = columns.count
            self.labels.append(labels)
            columns.append(column)
            return
        }
        for step in 0..<steps where !Missing.isMissing(column[step]) {
            guard Missing.isMissing(columns[place][step]) else {
                throw LogQueryError(.badQuery, conflict(labels))
            }
            columns[place][step] = column[step]
        }
    }

    /// What was gathered, in order of arrival.
    var matrix: SeriesMatrix {
        var matrix = SeriesMatrix()
        for (labels, column) in zip(labels, columns) { matrix.append(labels, column) }
        return matrix
    }
}
