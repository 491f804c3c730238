/// Counts of chosen values of one attribute and of all its values, by side and step.
struct ShownValues {
    private let steps: Int
    private let values: [[Value]]
    private let places: [[Value: Int]]
    /// For each side the totals, then the counts of each value.
    private var numbers: [[Double]]

    /// - Parameter values: for each side what is counted by itself.
    init(_ values: [[Value]], steps: Int) {
        self.steps = steps
        self.values = values
        places = values.map { Dictionary(zip($0, $0.indices), uniquingKeysWith: { first, _ in first }) }
        numbers = values.map { [Double](repeating: 0, count: ($0.count + 1) * steps) }
    }

    /// Bytes of memory for one side, about.
    static func memory(_ values: [Value], steps: Int) -> Int {
        values.reduce((values.count + 1) * steps * 8 + 128) { $0 + 2 * $1.memory + 32 }
    }

    /// The place of a value among those that are counted by themselves; -1 for none.
    func place(of value: Value, _ side: ComparedRows.Side) -> Int { places[side.rawValue][value] ?? -1 }

    /// Counts one occurrence, of the value at `place` if it is not -1.
    mutating func count(_ place: Int, _ side: ComparedRows.Side, step: Int) {
        numbers[side.rawValue][step] += 1
        if place >= 0 { numbers[side.rawValue][(place + 1) * steps + step] += 1 }
    }

    /// What is counted by itself, the most frequent first.
    func values(_ side: ComparedRows.Side) -> [Value] { values[side.rawValue] }

    /// Occurrences of any value in each step.
    func totals(_ side: ComparedRows.Side) -> [Double] { Array(numbers[side.rawValue][..<steps]) }

    /// Occurrences of the value at a place in each step.
    func counts(_ place: Int, _ side: ComparedRows.Side) -> [Double] {
        Array(numbers[side.rawValue][((place + 1) * steps)..<((place + 2) * steps)])
    }
}
