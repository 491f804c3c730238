/// What becomes of a stream's steps of time under the deletions that concern it.
struct DeletionSteps {
    private enum Fate {
        case untouched
        /// Some of its lines may be gone.
        case counted
        /// All of its lines are.
        case gone
    }

    /// Times that no deletion touches.
    private(set) var untouched: [ClosedRange<Int64>] = []
    /// Steps of which some lines may be gone.
    private(set) var counted: [Range<Int>] = []

    init(_ deletions: [LogDeletion], _ steps: LogSteps) {
        var fates = [Fate](repeating: .untouched, count: steps.count)
        for deletion in deletions {
            guard let times = deletion.times else { continue }
            for step in steps.places(overlapping: times) where fates[step] != .gone {
                fates[step] = deletion.covers(steps.times(of: step)) ? .gone : .counted
            }
        }
        var first = 0
        for place in 1...fates.count where place == fates.count || fates[place] != fates[first] {
            switch fates[first] {
            case .untouched: untouched.append(steps.times(of: first..<place))
            case .counted: counted.append(first..<place)
            case .gone: break
            }
            first = place
        }
    }
}
