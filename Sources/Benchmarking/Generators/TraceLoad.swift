import Durable
import MartletCore
package import Wire

/// Traces of a shop's services, whole ones, a few dozen in each request, spans by service. OTLP.
package struct TraceLoad: PushSource {
    /// What is to be sent.
    package struct Options: Sendable, Hashable {
        /// Services that have spans.
        package var services: Int
        /// Spans of a trace, on average.
        package var spansPerTrace: Int
        /// Spans in a push, about.
        package var batch: Int
        /// Attributes of each span beyond the usual ones.
        package var attributes: Int
        /// Traces in all; nil for no end.
        package var traces: Int64?
        /// Times of the traces; nil for the present.
        package var times: TimeSpread?
        /// The resource attribute `run`.
        package var run: String
        /// Decides about spans.
        package var seed: UInt64

        /// Options.
        package init(
            services: Int, spansPerTrace: Int, batch: Int, attributes: Int, traces: Int64?, times: TimeSpread?,
            run: String, seed: UInt64
        ) {
            self.services = services
            self.spansPerTrace = spansPerTrace
            self.batch = batch
            self.attributes = attributes
            self.traces = traces
            self.times = times
            self.run = run
            self.seed = seed
        }
    }

    /// What the parts of a tally count.
    package enum Part {
        /// Traces.
        package static let traces = 0
        /// Traces in which a span below the root has failed.
        package static let failed = 1
        /// Traces whose root is a checkout that took longer than ``TraceLoad/slow``.
        package static let slowCheckouts = 2
    }

    /// Nanoseconds.
    package static let slow: Int64 = 100_000_000
    private static let shapeCount = 64
    private static let names = [
        "frontend", "checkout", "payment", "inventory", "catalog", "cart", "promotion", "shipping", "search", "session",
        "email", "currency",
    ]

    /// What is sent.
    package let options: Options
    /// Traces in a push.
    package let tracesPerPush: Int
    private let shapes: [TraceShape]
    private let resources: [[UInt8]]
    private let scope: [UInt8]
    private let identity: UInt64
    private let longest: Int

    /// Makes the shapes of the traces.
    package init(_ options: Options) {
        self.options = options
        tracesPerPush = max(1, options.batch / options.spansPerTrace)
        var random = SplitMix64(seed: options.seed)
        let sizes = max(1, options.spansPerTrace / 2)...max(1, options.spansPerTrace * 3 / 2)
        shapes = (0..<Self.shapeCount).map { _ in
            TraceShape(
                spans: Int.random(in: sizes, using: &random), services: options.services,
                attributes: options.attributes, &random)
        }
        longest = shapes.flatMap(\.spans).map(\.bytes.count).max() ?? 0
        resources = (0..<options.services).map { Self.resource($0, options.run) }
        var writer = ProtoWriter()
        writer.string(1, Marks.job)
        writer.string(2, "1.0")
        scope = writer.bytes
        identity = Hash64.hash(Array(options.run.utf8), seed: options.seed)
    }

    /// The name of a service.
    package static func service(_ number: Int) -> String {
        "\(Marks.job)-" + (names.indices.contains(number) ? names[number] : "service-\(number)")
    }

    private static func resource(_ service: Int, _ run: String) -> [UInt8] {
        let attributes = [
            ("service.name", Self.service(service)), ("service.namespace", Marks.job), ("service.version", "1.4.2"),
            ("deployment.environment.name", "production"), ("host.name", "host-\(service)"), ("run", run),
        ]
        var writer = ProtoWriter()
        for (key, text) in attributes {
            writer.message(1) { attribute in
                attribute.string(1, key)
                attribute.message(2) { $0.string(1, text) }
            }
        }
        return writer.bytes
    }

    /// How many traces it takes until each shape has come four times; of fewer a service may have none.
    package var tracesOfAllServices: Int64 { Int64(shapes.count * 4) }

    /// How many services have spans in some trace.
    package var servicesWithSpans: Int {
        (0..<options.services).count { service in shapes.contains { !$0.byService[service].isEmpty } }
    }

    /// How many traces have so many spans, or a few more.
    package func traces(ofSpans count: Int64) -> Int64 {
        let perCycle = Int64(shapes.reduce(0) { $0 + $1.spans.count })
        var traces = count / perCycle * Int64(shapes.count)
        var rest = count % perCycle
        for shape in shapes where rest > 0 {
            rest -= Int64(shape.spans.count)
            traces += 1
        }
        return traces
    }

    /// The same load with another end.
    package func ending(after traces: Int64, times: TimeSpread?) -> TraceLoad {
        var options = options
        options.traces = traces
        options.times = times
        return TraceLoad(options)
    }

    package var pushes: Int64? {
        options.traces.map { ($0 + Int64(tracesPerPush) - 1) / Int64(tracesPerPush) }
    }
    package var itemsPerPush: Double {
        Double(shapes.reduce(0) { $0 + $1.spans.count }) / Double(shapes.count) * Double(tracesPerPush)
    }
    package var headers: [(name: String, value: String)] { [] }
    package func round(of number: Int64) -> Int64 { 0 }

    package func push(_ number: Int64, now: Int64) throws -> Push {
        let first = number * Int64(tracesPerPush)
        let traces = first..<min(first + Int64(tracesPerPush), options.traces ?? .max)
        var tally = Tally(parts: [Int64(traces.count), 0, 0])
        var times = time(of: traces.lowerBound, now)...time(of: traces.lowerBound, now)
        for trace in traces {
            let shape = shape(of: trace)
            let length = duration(shape.spans[0], of: trace)
            tally.items += Int64(shape.spans.count)
            if shape.hasError { tally.parts[Part.failed] += 1 }
            if shape.spans[0].content.name == TraceShape.checkout, length > Self.slow {
                tally.parts[Part.slowCheckouts] += 1
            }
            let start = time(of: trace, now)
            times = min(times.lowerBound, start)...max(times.upperBound, start + length)
        }
        let body = body(traces, now)
        return Push(body: body, rawBytes: body.count, tally: tally, times: times)
    }

    private func body(_ traces: Range<Int64>, _ now: Int64) -> [UInt8] {
        var writer = ProtoWriter(
            capacity: traces.count * options.spansPerTrace * 3 / 2 * (longest + 8) + options.services * 400)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longest) { scratch in
            guard let span = scratch.baseAddress else { return }
            for service in 0..<options.services
            where traces.contains(where: { !shape(of: $0).byService[service].isEmpty }) {
                writer.message(1) { writer in
                    writer.bytes(1, resources[service])
                    writer.message(2) { writer in
                        writer.bytes(1, scope)
                        for trace in traces {
                            let shape = shape(of: trace)
                            let id = id(of: trace)
                            for number in shape.byService[service] {
                                let template = shape.spans[number]
                                span.update(from: template.bytes, count: template.bytes.count)
                                template.fill(
                                    span, trace: id, id: Self.span(number, id),
                                    parent: template.content.parent.map { Self.span($0, id) } ?? 0,
                                    start: time(of: trace, now) + scaled(template.content.start, trace),
                                    duration: duration(template, of: trace))
                                writer.bytes(2, UnsafeRawBufferPointer(start: span, count: template.bytes.count))
                            }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }

    /// The id of a trace.
    package func id(of trace: Int64) -> OTLP.TraceID {
        let high = Mixing.mix(identity, UInt64(bitPattern: trace))
        return OTLP.TraceID(high: high, low: Mixing.mix(high, 1) | 1)
    }

    /// How many spans a trace has.
    package func spans(of trace: Int64) -> Int { shape(of: trace).spans.count }

    /// The attribute `order.id` of a trace's root, which no other has.
    package func order(of trace: Int64) -> String {
        let template = shape(of: trace).spans[0]
        let id = id(of: trace)
        var bytes = template.bytes
        bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            template.fill(base, trace: id, id: Self.span(0, id), parent: 0, start: 0, duration: 0)
        }
        let key = Array("order.id".utf8)
        guard let place = bytes.indices.first(where: { bytes[$0...].starts(with: key) }) else { return "" }
        // Behind the key come two tags with their lengths.
        let start = place + key.count + 4
        return String(decoding: bytes[start..<start + 16], as: UTF8.self)
    }

    private func shape(of trace: Int64) -> TraceShape { shapes[Int(trace % Int64(shapes.count))] }

    private static func span(_ number: Int, _ trace: OTLP.TraceID) -> UInt64 {
        Mixing.mix(trace.low, UInt64(number)) | 1
    }

    private func scaled(_ length: Int64, _ trace: Int64) -> Int64 {
        Int64(Double(length) * (0.5 + Mixing.unit(Mixing.mix(identity &+ 1, UInt64(bitPattern: trace)))))
    }

    private func duration(_ template: SpanTemplate, of trace: Int64) -> Int64 {
        scaled(template.content.duration, trace)
    }

    /// When a trace begins. One of the present has just ended.
    private func time(of trace: Int64, _ now: Int64) -> Int64 {
        options.times?.time(of: trace)
            ?? now - duration(shape(of: trace).spans[0], of: trace)
    }
}
