import Dispatch
import Glibc
import MartletCore
import SampleMath
import Synchronization

/// Makes a column of floats of each of many series, on all cores, a piece of the series at a time. The columns are handed over
/// on the calling thread in the order of the series, so that sums come out the same on any number of cores.
struct ColumnPieces {
    /// What became of a series.
    enum Outcome {
        /// It has no samples.
        case empty
        /// It has samples, but nothing at any step.
        case absent
        /// Its row is its column.
        case column
        /// It has what rows of floats cannot hold: it is left to the caller.
        case other
    }

    /// Makes a row of a series' samples, which it may change.
    typealias Compute<State> =
        @Sendable (
            inout State, inout SeriesSamples, UnsafeMutableBufferPointer<Double>
        ) throws(QueryError) -> Outcome

    /// Fewer series are not worth another thread's waking.
    static let leastSeries = 64
    /// Series that a thread takes at a time.
    private static let claim = 16
    /// Bytes that the rows of a piece take, about.
    private static let pieceBytes = 4 << 20
    private static let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    private let found: any MetricSeriesSet
    private let steps: Int
    private let context: QueryContext
    private let rows: Int

    /// `steps` is how many places a row has.
    init(_ found: any MetricSeriesSet, steps: Int, context: QueryContext) {
        self.found = found
        self.steps = steps
        self.context = context
        rows = min(found.count, max(4 * Self.claim, Self.pieceBytes / (max(1, steps) * MemoryLayout<Double>.stride)))
    }

    /// Calls `compute` for every series, with a state that no other thread has, its samples, which may be changed, and the row
    /// that it is to fill; then `deliver` with the series' number, outcome and row, for all that are not empty. `compute` must
    /// change nothing but what it is given.
    @inline(never)
    func forEach<State: Sendable>(
        state: () -> State,
        compute: Compute<State>,
        deliver: (Int, Outcome, UnsafeBufferPointer<Double>) throws(QueryError) -> Void
    ) throws(QueryError) {
        let held = rows * (steps + 1)
        try context.hold(samples: held)
        defer { context.release(samples: held) }
        // Threads do not meet in these: while a piece is computed, a row and a worker are one thread's alone.
        nonisolated(unsafe) let matrix = UnsafeMutableBufferPointer<Double>.allocate(capacity: rows * steps)
        defer { matrix.deallocate() }
        nonisolated(unsafe) let outcomes = UnsafeMutableBufferPointer<Outcome>.allocate(capacity: rows)
        outcomes.initialize(repeating: .empty)
        defer { outcomes.deallocate() }
        nonisolated(unsafe) let workers = UnsafeMutableBufferPointer<Worker<State>>.allocate(
            capacity: min(Self.cores, (rows + Self.claim - 1) / Self.claim))
        for number in workers.indices { workers.initializeElement(at: number, to: Worker(state: state())) }
        defer {
            for worker in workers { context.release(samples: worker.held) }
            workers.deinitialize().deallocate()
        }
        let (found, steps, context) = (found, steps, context)
        var first = 0
        while first < found.count {
            let piece = first..<min(first + rows, found.count)
            let next = Atomic<Int>(piece.lowerBound)
            DispatchQueue.concurrentPerform(iterations: workers.count) { number in
                do throws(QueryError) {
                    while true {
                        let claimed = next.wrappingAdd(Self.claim, ordering: .relaxed).oldValue
                        guard claimed < piece.upperBound else { return }
                        try context.check()
                        for index in claimed..<min(claimed + Self.claim, piece.upperBound) {
                            let row = index - piece.lowerBound
                            let out = UnsafeMutableBufferPointer(rebasing: matrix[row * steps..<(row + 1) * steps])
                            outcomes[row] = try workers[number].run(index, of: found, context, out, compute)
                        }
                    }
                } catch {
                    workers[number].failure = error
                    next.store(piece.upperBound, ordering: .relaxed)
                }
            }
            for worker in workers { if let failure = worker.failure { throw failure } }
            for row in 0..<piece.count where outcomes[row] != .empty {
                try deliver(
                    first + row, outcomes[row],
                    UnsafeBufferPointer(rebasing: matrix[row * steps..<(row + 1) * steps]))
            }
            first = piece.upperBound
        }
    }

    /// What one thread works with.
    private struct Worker<State> {
        var state: State
        var samples = SeriesSamples()
        /// Samples that the query is charged for: the most that a series had.
        var held = 0
        var failure: QueryError?

        init(state: State) {
            self.state = state
        }

        @inline(__always)
        mutating func run(
            _ index: Int, of found: any MetricSeriesSet, _ context: QueryContext,
            _ out: UnsafeMutableBufferPointer<Double>,
            _ compute: Compute<State>
        ) throws(QueryError) -> Outcome {
            samples.removeAll()
            try found.read(index, into: &samples)
            let weight = samples.weight
            if weight > held {
                let more = weight - held
                held = weight
                try context.hold(samples: more)
            }
            return try compute(&state, &samples, out)
        }
    }
}
