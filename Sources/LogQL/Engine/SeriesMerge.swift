import MartletCore
import SampleMath

/// Gathers columns by labels; two values of one label set at one step are an error.
struct SeriesMerge {
    private let steps: Int
    private var places: [Labels: Int] = [:]
    private var labels: [Labels] = []
    private var columns: [[Double]] = []

    init(steps: Int) { self.steps = steps }

    /// Adds a column; `conflict` words the error.
    mutating func add(
        _ labels: Labels, _ column: [Double], conflict: (Labels) -> String
    ) throws(LogQueryError) {
        guard let place = places[labels] else {
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
