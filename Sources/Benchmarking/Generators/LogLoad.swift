import Compression
import MartletCore
import Wire

/// Lines as agents on many hosts send them: each host has five streams, and a push is of one host. Loki's push.
package struct LogLoad: PushSource {
    /// What is to be sent.
    package struct Options: Sendable, Hashable {
        /// Streams that have lines.
        package var streams: Int
        /// Lines in a push.
        package var batch: Int
        /// Bytes that a line has at least.
        package var lineBytes: Int
        /// Labels beyond those that each stream has.
        package var labels: Int
        /// Lines in all; nil for no end.
        package var lines: Int64?
        /// Times of the lines; nil for the present.
        package var times: TimeSpread?
        /// The label `run`.
        package var run: String
        /// Decides about lines.
        package var seed: UInt64

        /// Options.
        package init(
            streams: Int, batch: Int, lineBytes: Int, labels: Int, lines: Int64?, times: TimeSpread?, run: String,
            seed: UInt64
        ) {
            self.streams = streams
            self.batch = batch
            self.lineBytes = lineBytes
            self.labels = labels
            self.lines = lines
            self.times = times
            self.run = run
            self.seed = seed
        }
    }

    /// What the parts of a tally count.
    package enum Part {
        /// Lines that say `error`.
        package static let errors = 0
        /// Lines in JSON whose level is `error`.
        package static let jsonErrors = 1
    }

    private static let perHost = 5
    private static let apps = 20

    /// What is sent.
    package let options: Options
    private let pool: LinePool
    private let labels: [[UInt8]]
    private let longest: Int

    /// Makes the labels of all streams, and the lines.
    package init(_ options: Options) {
        self.options = options
        pool = LinePool(lineBytes: options.lineBytes, seed: options.seed)
        longest = pool.longest
        labels = (0..<options.streams).map { stream in
            var text: [UInt8] = []
            LabelText.append(Self.labels(of: stream, options), to: &text)
            return text
        }
    }

    private static func labels(of stream: Int, _ options: Options) -> Labels {
        var pairs = [
            ("app", app(of: stream)), ("env", stream % 2 == 0 ? "production" : "staging"),
            ("format", format(of: stream).rawValue), ("host", "host-\(stream / perHost)"), ("job", Marks.job),
            ("run", options.run),
        ]
        for label in 0..<options.labels { pairs.append(("tag_\(label)", "value-\(stream % 7)-of-tag-\(label)")) }
        return Labels(pairs)
    }

    private var hosts: Int { (options.streams + Self.perHost - 1) / Self.perHost }
    /// The label `app` of a stream.
    package static func app(of stream: Int) -> String { "app-\(stream % apps)" }

    private static func format(of stream: Int) -> LinePool.Format {
        LinePool.Format.allCases[stream % LinePool.Format.allCases.count]
    }

    package var pushes: Int64? { options.lines.map { ($0 + Int64(options.batch) - 1) / Int64(options.batch) } }
    package var itemsPerPush: Double { Double(options.batch) }
    package var headers: [(name: String, value: String)] { [] }
    package func round(of number: Int64) -> Int64 { 0 }

    package func push(_ number: Int64, now: Int64) throws -> Push {
        var body = body(number, now: now)
        let raw = body.bytes
        body.bytes = []
        return Push(
            body: try raw.withUnsafeBytes { try Snappy.compress($0) }, rawBytes: body.lineBytes, tally: body.tally,
            times: body.times)
    }

    /// A push before compression.
    package struct Body: Sendable {
        /// The message.
        package var bytes: [UInt8]
        /// Bytes of its lines alone.
        package var lineBytes: Int
        /// What is in it.
        package var tally: Tally
        /// The earliest and the latest time, Unix nanoseconds.
        package var times: ClosedRange<Int64>
    }

    /// The body of a push before compression.
    package func body(_ number: Int64, now: Int64) -> Body {
        let first = number * Int64(options.batch)
        let count = count(of: number)
        let streams = streams(of: number)
        var writer = ProtoWriter(capacity: count * (longest + 24) + streams.count * 256)
        var tally = Tally(items: Int64(count), parts: [0, 0])
        var lineBytes = 0
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longest) { scratch in
            guard let text = scratch.baseAddress else { return }
            for (place, stream) in streams.enumerated() {
                let lines = place * count / streams.count..<(place + 1) * count / streams.count
                guard !lines.isEmpty else { continue }
                let format = Self.format(of: stream)
                writer.message(1) { writer in
                    writer.bytes(1, labels[stream])
                    for position in lines {
                        let identity = identity(number, position)
                        let line = pool.line(format, identity)
                        text.update(from: line.text, count: line.text.count)
                        line.blanks.fill(text, identity)
                        if line.saysError { tally.parts[Part.errors] += 1 }
                        if line.isJSONError { tally.parts[Part.jsonErrors] += 1 }
                        lineBytes += line.text.count
                        let (seconds, nanos) = time(first, position, now).quotientAndRemainder(
                            dividingBy: 1_000_000_000)
                        writer.message(2) { entry in
                            entry.message(1) { time in
                                time.int64(1, seconds)
                                if nanos != 0 { time.int64(2, nanos) }
                            }
                            entry.bytes(2, UnsafeRawBufferPointer(start: text, count: line.text.count))
                        }
                    }
                }
            }
        }
        return Body(
            bytes: writer.bytes, lineBytes: lineBytes, tally: tally,
            times: time(first, 0, now)...time(first, count - 1, now))
    }

    /// Hexadecimal digits that stand in the first line of a push and nowhere else.
    package func needle(in number: Int64) -> String {
        let identity = identity(number, 0)
        let (streams, count) = (streams(of: number), count(of: number))
        // Of few lines the first streams have none.
        let place = streams.indices.first { ($0 - streams.lowerBound + 1) * count / streams.count > 0 }
        let line = pool.line(Self.format(of: place ?? streams.lowerBound), identity)
        var text = line.text
        text.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { line.blanks.fill(base, identity) }
        }
        guard let id = line.blanks.places.first(where: { $0.isHexadecimal }) else { return "" }
        return String(decoding: text[id.offset..<id.offset + id.count], as: UTF8.self)
    }

    private func count(of number: Int64) -> Int {
        Int(min(Int64(options.batch), (options.lines ?? .max) - number * Int64(options.batch)))
    }

    private func streams(of number: Int64) -> Range<Int> {
        let host = Int(number % Int64(hosts))
        return host * Self.perHost..<min((host + 1) * Self.perHost, options.streams)
    }

    private func identity(_ number: Int64, _ position: Int) -> UInt64 {
        Mixing.mix(Mixing.mix(options.seed, UInt64(bitPattern: number)), UInt64(position))
    }

    private func time(_ first: Int64, _ position: Int, _ now: Int64) -> Int64 {
        options.times?.time(of: first + Int64(position)) ?? now + Int64(position) * 1000
    }
}
