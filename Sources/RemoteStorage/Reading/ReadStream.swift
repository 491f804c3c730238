import MartletCore
package import PromQL
import Wire

/// The frames of a streamed answer to remote read, made piece by piece as they are sent.
package final class ReadStream: Sendable {
    private struct State {
        var query = 0
        var series = 0
        var buffer = SeriesSamples()
    }

    private let answers: [ReadAnswer]
    private let frameLimit: Int
    private let context: QueryContext
    private let state = Lock(State())

    /// Frames of about `frameLimit` bytes with the series of all answers.
    package init(_ answers: [ReadAnswer], frameLimit: Int, context: QueryContext) {
        self.answers = answers
        self.frameLimit = frameLimit
        self.context = context
    }

    /// The next frames, 256 KiB or a little more; nil when all was given. One caller at a time.
    package func next() throws(QueryError) -> [UInt8]? {
        try state.withLock { (state: inout State) throws(QueryError) -> [UInt8]? in
            var frames: [UInt8] = []
            while state.query < answers.count, frames.count < 256 << 10 {
                try context.check()
                guard state.series < answers[state.query].count else {
                    state.query += 1
                    state.series = 0
                    continue
                }
                let series = try answers[state.query].chunks(state.series, &state.buffer)
                // A series may have no samples left within the times.
                if !series.chunks.isEmpty {
                    ReadFrames.append(series, query: state.query, limit: frameLimit, to: &frames)
                }
                state.series += 1
            }
            return frames.isEmpty ? nil : frames
        }
    }
}
