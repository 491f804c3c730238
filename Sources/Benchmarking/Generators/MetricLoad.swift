import Compression
import MartletCore
import Wire

/// Samples as an agent on many hosts sends them: each host has 276 series of 60 metrics, and all are sampled at the same
/// distance. Remote write 1.
package struct MetricLoad: PushSource {
    /// What is to be sent.
    package struct Options: Sendable, Hashable {
        /// Series that are sampled.
        package var series: Int
        /// Samples in a push, at most.
        package var batch: Int
        /// Labels beyond those that each series has.
        package var labels: Int
        /// Samples of each series; nil for no end.
        package var rounds: Int64?
        /// Times of the rounds; nil for the present.
        package var times: TimeSpread?
        /// Pushes of a round are a multiple of this, so that a series stays on its connection.
        package var connections: Int
        /// The label `run`.
        package var run: String
        /// Decides about values.
        package var seed: UInt64

        /// Options.
        package init(
            series: Int, batch: Int, labels: Int, rounds: Int64?, times: TimeSpread?, connections: Int, run: String,
            seed: UInt64
        ) {
            self.series = series
            self.batch = batch
            self.labels = labels
            self.rounds = rounds
            self.times = times
            self.connections = connections
            self.run = run
            self.seed = seed
        }
    }

    /// What is sent.
    package let options: Options
    /// Pushes in which all series come once.
    package let pushesPerRound: Int
    private let names: SeriesNames

    /// Makes the labels of all series.
    package init(_ options: Options) {
        self.options = options
        let needed = (options.series + options.batch - 1) / options.batch
        let multiple = options.connections
        pushesPerRound = max((needed + multiple - 1) / multiple * multiple, 1)
        names = SeriesNames(series: options.series, labels: options.labels, run: options.run)
    }

    package var pushes: Int64? { options.rounds.map { $0 * Int64(pushesPerRound) } }
    package var itemsPerPush: Double { Double(options.series) / Double(pushesPerRound) }
    package var headers: [(name: String, value: String)] {
        [
            (name: "Content-Encoding", value: RemoteWrite.contentEncoding),
            (name: RemoteWrite.versionHeader.name, value: RemoteWrite.versionHeader.value),
        ]
    }

    package func round(of number: Int64) -> Int64 { number / Int64(pushesPerRound) }

    package func push(_ number: Int64, now: Int64) throws -> Push {
        let round = round(of: number)
        let time = options.times?.time(of: round) ?? now
        let body = body(Int(number % Int64(pushesPerRound)), round, milliseconds: time / 1_000_000)
        let (raw, count) = (body.bytes, body.count)
        return Push(
            body: try raw.withUnsafeBytes { try Snappy.compress($0) }, rawBytes: raw.count,
            tally: Tally(items: Int64(count)), times: time...time)
    }

    /// The body before compression of a part of a round, and how many samples are in it.
    package func body(_ part: Int, _ round: Int64, milliseconds: Int64) -> (bytes: [UInt8], count: Int) {
        let range = part * options.series / pushesPerRound..<(part + 1) * options.series / pushesPerRound
        var writer = ProtoWriter(capacity: range.count * (names.bytesPerSeries + 24))
        names.withBytes { slab in
            for series in range {
                let (metric, host) = names.parts(of: series)
                let value = value(of: series, round)
                writer.message(1) { writer in
                    writer.encoded(UnsafeRawBufferPointer(rebasing: slab[metric]))
                    writer.encoded(UnsafeRawBufferPointer(rebasing: slab[host]))
                    writer.message(2) { sample in
                        // A value whose bits are all zero is the default and left out.
                        if value.bitPattern != 0 { sample.double(1, value) }
                        sample.int64(2, milliseconds)
                    }
                }
            }
        }
        return (writer.bytes, range.count)
    }

    /// The value of a series in a round.
    package func value(of series: Int, _ round: Int64) -> Double {
        names.kind(of: series).value(Mixing.mix(options.seed, UInt64(series)), round)
    }

    /// The number of series of a metric, and the sum of their values in a round.
    package func series(of metric: String, round: Int64) -> (count: Int, sum: Double) {
        var (count, sum) = (0, 0.0)
        for series in 0..<options.series where names.metric(of: series) == metric {
            count += 1
            sum += value(of: series, round)
        }
        return (count, sum)
    }

    /// How many hosts have series of a metric: the last host may have a part of its metrics only.
    package func hosts(with metric: String) -> Int {
        let last = (0..<options.series).last { names.metric(of: $0) == metric }
        return last.map { $0 / SeriesNames.perHost + 1 } ?? 0
    }

    /// Series of the first `hosts` hosts.
    package func series(ofFirst hosts: Int) -> Int { min(options.series, hosts * SeriesNames.perHost) }
}
