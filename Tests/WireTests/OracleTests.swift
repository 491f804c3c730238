import CMessages
import MartletCore
import Testing
import Wire

/// Seeded mutations of valid messages: the hand-written decoders and protobuf-c must both take them, with equal content, or
/// both refuse them.
@Suite("Hand-written decoders against protobuf-c")
struct OracleTests {
    private static let rounds = 4_000

    /// Decodes with protobuf-c and gives the content as bytes; nil when it is refused.
    private func oracle<Message>(
        _ body: [UInt8], _ schema: UnsafePointer<ProtobufCMessageDescriptor>, as type: Message.Type,
        _ convert: (Message) throws(WireError) -> [UInt8]
    ) -> [UInt8]? {
        body.withUnsafeBytes { buffer in
            try? CMessage.withUnpacked(buffer, schema, as: type, convert)
        }
    }

    private func compare(
        _ seeds: [[UInt8]], seed: UInt64, hand: ([UInt8]) throws -> [UInt8], oracle: ([UInt8]) -> [UInt8]?
    ) throws {
        var random = SplitMix64(seed: seed)
        var accepted = 0
        var refused = 0
        for round in 0..<Self.rounds {
            let body = random.mutate(seeds[round % seeds.count])
            var mine: [UInt8]?
            var refusal: WireError?
            do {
                mine = try hand(body)
            } catch WireError.malformed(_, let what) where what.contains(" id of ") {
                // A wrong id that a later one replaces is refused by us and unseen by the oracle.
                continue
            } catch let error as WireError {
                refusal = error
            }
            let theirs = oracle(body)
            // protobuf-c does not look at the wire type of a bool: AnyValue's field 2, Sum's field 3.
            if case .malformed(_, let what) = refusal,
                what.hasPrefix("field 2 has wire") || what.hasPrefix("field 3 has wire")
                    // Nor at the encoding of a string.
                    || what.hasSuffix("is not valid UTF-8")
            {
                continue
            }
            guard mine == theirs else {
                let difference =
                    "hand \(mine.map { Hex.text($0) } ?? "\(refusal as Any)"), oracle \(theirs.map { Hex.text($0) } ?? "nil")"
                Issue.record("round \(round): \(difference), body \(Hex.text(body))")
                return
            }
            if mine == nil { refused += 1 } else { accepted += 1 }
        }
        // Mutations that are all refused, or all taken, would prove nothing.
        #expect(accepted > Self.rounds / 50)
        #expect(refused > Self.rounds / 50)
    }

    @Test("traces")
    func traces() throws {
        let small = OTLP.Traces(resourceSpans: [
            .init(scopeSpans: [.init(spans: [.init(name: "a", status: .init(code: 1))])])
        ])
        try compare(
            [small.protobuf(), OTLPSamples.traces.protobuf()], seed: 11,
            hand: { try OTLP.Traces(protobuf: $0).protobuf() },
            oracle: { body in
                oracle(body, martlet_schema_trace_request(), as: Martlet__Otlp__ExportTraceServiceRequest.self) {
                    (message) throws(WireError) in try OracleModel.traces(message).protobuf()
                }
            })
    }

    @Test("logs")
    func logs() throws {
        let small = OTLP.Logs(resourceLogs: [.init(scopeLogs: [.init(logRecords: [.init(body: .array([1, "x"]))])])])
        try compare(
            [small.protobuf(), OTLPSamples.logs.protobuf()], seed: 12, hand: { try OTLP.Logs(protobuf: $0).protobuf() },
            oracle: { body in
                oracle(body, martlet_schema_logs_request(), as: Martlet__Otlp__ExportLogsServiceRequest.self) {
                    (message) throws(WireError) in try OracleModel.logs(message).protobuf()
                }
            })
    }

    @Test("metrics")
    func metrics() throws {
        let seeds = OTLPSamples.metricData.map { data in
            OTLP.Metrics(resourceMetrics: [.init(scopeMetrics: [.init(metrics: [.init(name: "m", data: data)])])])
                .protobuf()
        }
        try compare(
            seeds + [OTLPSamples.metrics.protobuf()], seed: 13, hand: { try OTLP.Metrics(protobuf: $0).protobuf() },
            oracle: { body in
                oracle(body, martlet_schema_metrics_request(), as: Martlet__Otlp__ExportMetricsServiceRequest.self) {
                    (message) throws(WireError) in try OracleModel.metrics(message).protobuf()
                }
            })
    }

    // MARK: Remote write

    /// Everything that both sides know of a request, as text.
    private struct Dump {
        var text: [UInt8] = []

        mutating func add(_ mark: String, _ bytes: UnsafeRawBufferPointer) {
            text.append(contentsOf: "\(mark)\(bytes.count):".utf8)
            text.append(contentsOf: bytes)
        }

        mutating func add(_ mark: String, _ number: Int64) { text.append(contentsOf: "\(mark)\(number);".utf8) }

        mutating func add(_ mark: String, _ number: Double) { add(mark, Int64(bitPattern: number.bitPattern)) }
    }

    private func dump(_ body: [UInt8]) throws -> [UInt8] {
        var request = RemoteWrite.WriteRequest()
        return try body.withUnsafeBytes { buffer in
            try request.decode(buffer)
            var dump = Dump()
            func labels(_ range: Range<Int>) {
                request.withLabels(range) { bytes in
                    Labels.walk(bytes) { name, value in
                        dump.add("n", name)
                        dump.add("v", value)
                    }
                }
            }
            for series in request.series {
                dump.add("series", Int64(0))
                labels(series.labels)
                for sample in request.samples[series.samples] {
                    dump.add("t", sample.timestamp)
                    dump.add("f", sample.value)
                }
                for exemplar in request.exemplars[series.exemplars] {
                    labels(exemplar.labels)
                    dump.add("t", exemplar.timestamp)
                    dump.add("f", exemplar.value)
                }
                dump.add("h", Int64(series.histograms.count))
            }
            for item in request.metadata {
                dump.add("m", Int64(item.type))
                for text in [item.family, item.help, item.unit] { dump.add("x", text.bytes(in: buffer)) }
            }
            return dump.text
        }
    }

    private func dump(_ request: Martlet__RemoteWrite__WriteRequest) throws(WireError) -> [UInt8] {
        var dump = Dump()
        func labels(
            _ count: Int, _ items: UnsafeMutablePointer<UnsafeMutablePointer<Martlet__RemoteWrite__Label>?>?
        ) throws(WireError) {
            _ = try OracleModel.list(count, items) { (label) throws(WireError) in
                dump.add("n", label.name.buffer)
                dump.add("v", label.value.buffer)
            }
        }
        _ = try OracleModel.list(request.n_timeseries, request.timeseries) { (series) throws(WireError) in
            dump.add("series", Int64(0))
            try labels(series.n_labels, series.labels)
            _ = try OracleModel.list(series.n_samples, series.samples) { (sample) throws(WireError) in
                dump.add("t", sample.timestamp)
                dump.add("f", sample.value)
            }
            _ = try OracleModel.list(series.n_exemplars, series.exemplars) { (exemplar) throws(WireError) in
                try labels(exemplar.n_labels, exemplar.labels)
                dump.add("t", exemplar.timestamp)
                dump.add("f", exemplar.value)
            }
            dump.add("h", Int64(series.n_histograms))
        }
        _ = try OracleModel.list(request.n_metadata, request.metadata) { (item) throws(WireError) in
            dump.add("m", item.has_type != 0 ? Int64(Int32(bitPattern: item.type.rawValue)) : 0)
            for text in [item.metric_family_name, item.help, item.unit] { dump.add("x", text.buffer) }
        }
        return dump.text
    }

    @Test("remote write")
    func remoteWrite() throws {
        var writer = ProtoWriter()
        writer.message(1) { series in
            series.message(1) { $0.string(1, "a") }
            series.message(3) { exemplar in
                exemplar.message(1) { $0.string(2, "b") }
                exemplar.double(2, 1)
                exemplar.int64(3, -1)
            }
            series.message(4) { histogram in
                histogram.uint64(1, 3)
                histogram.sint64(4, -3)
                histogram.message(8) { $0.sint64(1, -1) }
                histogram.packedUInt64(9, [1, 300])
                histogram.packedDouble(10, [1, 2])
                histogram.uint64(14, 1)
            }
        }
        try compare(
            [WriteRequestTests.body(), writer.bytes], seed: 14, hand: { try dump($0) },
            oracle: { body in
                oracle(body, martlet_schema_write_request(), as: Martlet__RemoteWrite__WriteRequest.self) {
                    (message) throws(WireError) in try dump(message)
                }
            })
    }

    // MARK: Remote write 2.0

    private func dumpVersion2(_ body: [UInt8]) throws -> [UInt8] {
        var request = RemoteWrite.WriteRequest()
        return try body.withUnsafeBytes { buffer in
            try request.decodeVersion2(buffer)
            var dump = Dump()
            func labels(_ range: Range<Int>) {
                request.withLabels(range) { bytes in
                    Labels.walk(bytes) { name, value in
                        dump.add("n", name)
                        dump.add("v", value)
                    }
                }
            }
            for series in request.series {
                labels(series.labels)
                for index in series.samples {
                    dump.add("t", request.samples[index].timestamp)
                    dump.add("f", request.samples[index].value)
                    dump.add("s", request.startTimestamps[index])
                }
                for range in request.histograms[series.histograms] {
                    let histogram = try RemoteWrite.Histogram(range, in: buffer)
                    dump.add("h", histogram.timestamp)
                    dump.add("s", histogram.startTimestamp)
                    dump.add("c", Int64(histogram.customBounds.count))
                }
                for exemplar in request.exemplars[series.exemplars] {
                    labels(exemplar.labels)
                    dump.add("t", exemplar.timestamp)
                    dump.add("f", exemplar.value)
                }
                dump.add("series", Int64(0))
            }
            for item in request.metadata {
                dump.add("m", Int64(item.type))
                for text in [item.family, item.help, item.unit] { dump.add("x", text.bytes(in: buffer)) }
            }
            return dump.text
        }
    }

    private func dump(_ request: Martlet__RemoteWriteV2__Request) throws(WireError) -> [UInt8] {
        var dump = Dump()
        let symbols = (0..<request.n_symbols).map { request.symbols[$0].buffer }
        func pairs(_ count: Int, _ references: UnsafeMutablePointer<UInt32>?) -> [(Int, Int)]? {
            let list = (0..<count).compactMap { references?[$0] }.map(Int.init)
            guard list.count.isMultiple(of: 2), list.allSatisfy({ $0 < symbols.count }) else { return nil }
            return stride(from: 0, to: list.count, by: 2).map { (list[$0], list[$0 + 1]) }
        }
        func labels(_ pairs: [(Int, Int)]) {
            for (name, value) in pairs {
                dump.add("n", symbols[name])
                dump.add("v", symbols[value])
            }
        }
        var described: [Int: (Int32, Int, Int)] = [:]
        var order: [Int] = []
        _ = try OracleModel.list(request.n_timeseries, request.timeseries) { (series) throws(WireError) in
            guard let own = pairs(series.n_labels_refs, series.labels_refs) else { return }
            labels(own)
            if let item = series.metadata?.pointee,
                let name = own.first(where: { symbols[$0.0].elementsEqual("__name__".utf8) })?.1,
                described[name] == nil
            {
                let (help, unit) = (Int(item.help_ref), Int(item.unit_ref))
                if help < symbols.count, unit < symbols.count {
                    described[name] = (item.has_type != 0 ? Int32(bitPattern: item.type.rawValue) : 0, help, unit)
                    order.append(name)
                }
            }
            _ = try OracleModel.list(series.n_samples, series.samples) { (sample) throws(WireError) in
                dump.add("t", sample.timestamp)
                dump.add("f", sample.value)
                dump.add("s", sample.start_timestamp)
            }
            _ = try OracleModel.list(series.n_histograms, series.histograms) { (histogram) throws(WireError) in
                dump.add("h", histogram.timestamp)
                dump.add("s", histogram.start_timestamp)
                dump.add("c", Int64(histogram.n_custom_values))
            }
            _ = try OracleModel.list(series.n_exemplars, series.exemplars) { (exemplar) throws(WireError) in
                guard let pairs = pairs(exemplar.n_labels_refs, exemplar.labels_refs) else { return }
                labels(pairs)
                dump.add("t", exemplar.timestamp)
                dump.add("f", exemplar.value)
            }
            dump.add("series", Int64(0))
        }
        for name in order {
            guard let item = described[name] else { continue }
            if item.0 == 0, symbols[item.1].isEmpty, symbols[item.2].isEmpty { continue }
            dump.add("m", Int64(item.0))
            for text in [symbols[name], symbols[item.1], symbols[item.2]] { dump.add("x", text) }
        }
        return dump.text
    }

    @Test("remote write 2.0")
    func remoteWriteVersion2() throws {
        var unpacked = ProtoWriter()
        for symbol in ["", "__name__", "a", "b"] { unpacked.string(4, symbol) }
        unpacked.message(5) { series in
            for reference: UInt64 in [1, 2, 3, 0] { series.uint64(1, reference) }
            series.message(2) { $0.double(1, 1) }
            series.message(5) { $0.uint64(3, 2) }
            series.message(5) { $0.uint64(1, 2) }
        }
        try compare(
            [WriteRequestVersion2Tests.body(), unpacked.bytes], seed: 17, hand: { try dumpVersion2($0) },
            oracle: { body in
                oracle(body, martlet_schema_write_request_v2(), as: Martlet__RemoteWriteV2__Request.self) {
                    (message) throws(WireError) in try dump(message)
                }
            })
    }

    // MARK: Loki push

    private func dump(_ request: LokiPush.PushRequest) -> [UInt8] {
        var dump = Dump()
        request.bytes.withUnsafeBytes { buffer in
            for stream in request.streams {
                dump.add("s", stream.labels.bytes(in: buffer))
                for entry in request.entries[stream.entries] {
                    dump.add("t", entry.timestamp)
                    dump.add("l", entry.line.bytes(in: buffer))
                    for pair in request.metadata[entry.metadata] {
                        dump.add("n", pair.name.bytes(in: buffer))
                        dump.add("v", pair.value.bytes(in: buffer))
                    }
                }
            }
        }
        return dump.text
    }

    private func dump(_ request: Martlet__LokiPush__PushRequest) throws(WireError) -> [UInt8] {
        var dump = Dump()
        _ = try OracleModel.list(request.n_streams, request.streams) { (stream) throws(WireError) in
            dump.add("s", stream.labels.buffer)
            _ = try OracleModel.list(stream.n_entries, stream.entries) { (entry) throws(WireError) in
                let seconds = entry.timestamp?.pointee.seconds ?? 0
                let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
                let (time, overflow2) = scaled.addingReportingOverflow(Int64(entry.timestamp?.pointee.nanos ?? 0))
                if overflow || overflow2 { throw .malformed(offset: 0, what: "timestamp") }
                dump.add("t", time)
                dump.add("l", entry.line.buffer)
                _ = try OracleModel.list(entry.n_structured_metadata, entry.structured_metadata) {
                    (pair) throws(WireError) in
                    dump.add("n", pair.name.buffer)
                    dump.add("v", pair.value.buffer)
                }
            }
        }
        return dump.text
    }

    @Test("Loki push")
    func lokiPush() throws {
        try compare(
            [PushRequestTests.protobuf()], seed: 15, hand: { dump(try LokiPush.PushRequest(protobuf: $0)) },
            oracle: { body in
                oracle(body, martlet_schema_push_request(), as: Martlet__LokiPush__PushRequest.self) {
                    (message) throws(WireError) in try dump(message)
                }
            })
    }

    // MARK: The arena and the scan before it

    @Test("the scan refuses only what protobuf-c refuses, and field numbers that no schema has")
    func scan() {
        var random = SplitMix64(seed: 16)
        let seed = OTLPSamples.traces.protobuf()
        for _ in 0..<5_000 {
            let body = random.mutate(seed)
            body.withUnsafeBytes { buffer in
                do throws(WireError) {
                    try MessageScan.check(buffer, martlet_schema_trace_request())
                } catch {
                    if case .malformed(_, let what) = error, what.hasPrefix("field number") { return }
                    let message = protobuf_c_message_unpack(
                        martlet_schema_trace_request(), nil, buffer.count,
                        buffer.baseAddress?.assumingMemoryBound(to: UInt8.self))
                    #expect(message == nil, "\(error): \(body)")
                    if let message { protobuf_c_message_free_unpacked(message, nil) }
                }
            }
        }
    }

    @Test("nesting that would overflow the stack is refused before unpacking")
    func depth() {
        var inner: [UInt8] = []
        for _ in 0..<60_000 {
            // An AnyValue that holds an array that holds an AnyValue; lengths are known from the inside out only.
            var array: [UInt8] = [0x0a]
            appendVarint(inner.count, to: &array)
            let arrayCount = array.count + inner.count
            var any: [UInt8] = [0x2a]
            appendVarint(arrayCount, to: &any)
            inner = any + array + inner
            if inner.count > 200_000 { break }
        }
        let body = inner
        body.withUnsafeBytes { buffer in
            _ = #expect(throws: WireError.tooDeep(limit: 100)) {
                try CMessage.withUnpacked(buffer, martlet_schema_any_value(), as: Martlet__Otlp__AnyValue.self) {
                    (_) throws(WireError) in
                }
            }
        }
    }

    private func appendVarint(_ value: Int, to out: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        out.append(UInt8(rest))
    }

    @Test("unpacking beyond the arena's limit fails as too large")
    func arena() {
        let body = OTLPSamples.traces.protobuf()
        body.withUnsafeBytes { buffer in
            _ = #expect(throws: WireError.tooLarge(limit: 2000, what: "unpacked message in bytes")) {
                try CMessage.withUnpacked(
                    buffer, martlet_schema_trace_request(), as: Martlet__Otlp__ExportTraceServiceRequest.self,
                    memory: 2000
                ) { (_) throws(WireError) in }
            }
        }
    }
}
