package import MartletCore

extension RemoteWrite {
    /// A decoded request as flat columns. Labels are written anew, in the flat encoding of `Labels` though in the order
    /// received, so that the bytes of a sender that sorts are those by which a store knows the series. Other text is ranges
    /// of the body, which the caller keeps while it uses them. One value decodes many requests: capacity stays.
    package struct WriteRequest: Sendable {
        /// A series: half-open index ranges into the request's columns.
        package struct Series: Sendable, Hashable {
            /// Bytes of `labelBytes`.
            package var labels: Range<Int>
            /// Into `samples`.
            package var samples: Range<Int>
            /// Into `exemplars`.
            package var exemplars: Range<Int>
            /// Into `histograms`.
            package var histograms: Range<Int>
        }

        /// A sample.
        package struct Sample: Sendable, Hashable {
            /// Milliseconds since the Unix epoch.
            package var timestamp: Int64
            /// The value; NaN payloads (stale markers) survive.
            package var value: Double

            /// A sample at `timestamp` milliseconds.
            package init(timestamp: Int64, value: Double) {
                self.timestamp = timestamp
                self.value = value
            }
        }

        /// An exemplar.
        package struct Exemplar: Sendable, Hashable {
            /// Bytes of `labelBytes`.
            package var labels: Range<Int>
            /// The observed value.
            package var value: Double
            /// Milliseconds since the Unix epoch.
            package var timestamp: Int64
        }

        /// What a metric family is.
        package struct Metadata: Sendable, Hashable {
            /// The family's name.
            package var family: ByteRange
            /// 0 unknown, 1 counter, 2 gauge, 3 histogram, 4 gauge histogram, 5 summary, 6 info, 7 state set.
            package var type: Int32
            /// What it measures.
            package var help: ByteRange
            /// Its unit.
            package var unit: ByteRange
        }

        /// All series in the order received.
        package internal(set) var series: [Series] = []
        /// Labels of series and exemplars: (LEB128 length, name, LEB128 length, value) per pair, unsorted and unchecked.
        package internal(set) var labelBytes: [UInt8] = []
        /// Samples of all series.
        package internal(set) var samples: [Sample] = []
        /// Exemplars of all series.
        package internal(set) var exemplars: [Exemplar] = []
        /// Native histograms of all series: each a well-formed prometheus.Histogram message in the body.
        package internal(set) var histograms: [ByteRange] = []
        /// Metadata of metric families.
        package internal(set) var metadata: [Metadata] = []
        /// With 2.0 the start of each sample's count in milliseconds since the Unix epoch, 0 where it is unknown; else empty.
        package internal(set) var startTimestamps: [Int64] = []
        /// What of a 2.0 request points to symbols that are not there, and was left out.
        package internal(set) var refusals: [Refusal] = []
        /// What a native histogram without buckets takes once it is decoded, which its receiver does one by one but keeps.
        static let histogramBytes = 256
        var memory = 0
        var limits = DecodeLimits.standard
        var labelCount = 0
        /// Of a 2.0 request.
        var symbols: [Symbol] = []
        /// Of the series that is being decoded.
        var references: [UInt32] = []

        /// Empty columns.
        package init() {}

        /// Replaces the columns by what `body` holds, a message of 1.0. After an error they hold nothing of use.
        package mutating func decode(
            _ body: UnsafeRawBufferPointer, limits: DecodeLimits = .standard
        ) throws(WireError) {
            try begin(body, limits)
            // A pair takes no more bytes in the flat encoding than as a message. The slack is for copies of 16 bytes.
            var out: [UInt8] = []
            swap(&out, &labelBytes)
            let wanted = body.count + LabelCopy.slack
            if out.count < wanted { out = [UInt8](repeating: 0, count: wanted) }
            let failure = out.withUnsafeMutableBytes { out -> WireError? in
                guard let base = out.baseAddress else { return nil }
                do throws(WireError) { try decodeFields(body, base) } catch { return error }
                return nil
            }
            swap(&out, &labelBytes)
            if let failure { throw failure }
        }

        /// Calls `body` with a label set of the request; the bytes live for the call only.
        package func withLabels<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
            labelBytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
        }

        /// A label set of the request: sorted, empty values dropped; of equal names the later wins.
        package func labels(_ range: Range<Int>) -> Labels {
            withLabels(range) { bytes in
                var assembly = LabelAssembly()
                Labels.walk(bytes) { assembly.add($0, $1) }
                return assembly.finish()
            }
        }

        /// Empties the columns for a body, which must be one that they can point into.
        mutating func begin(_ body: UnsafeRawBufferPointer, _ limits: DecodeLimits) throws(WireError) {
            guard body.count <= Int(Int32.max) else {
                throw .tooLarge(limit: Int(Int32.max), what: "body of \(body.count) bytes")
            }
            series.removeAll(keepingCapacity: true)
            samples.removeAll(keepingCapacity: true)
            startTimestamps.removeAll(keepingCapacity: true)
            exemplars.removeAll(keepingCapacity: true)
            histograms.removeAll(keepingCapacity: true)
            metadata.removeAll(keepingCapacity: true)
            refusals.removeAll(keepingCapacity: true)
            labelCount = 0
            self.limits = limits
            memory = limits.memory
        }

        private mutating func decodeFields(
            _ body: UnsafeRawBufferPointer, _ out: UnsafeMutableRawPointer
        ) throws(WireError) {
            var cursor = ProtoCursor(body)
            while try cursor.next() {
                switch cursor.field {
                case 1: try decodeSeries(&cursor, out)
                case 3: try decodeMetadata(&cursor)
                default: try cursor.skip()
                }
            }
        }

        mutating func charge(_ bytes: Int) throws(WireError) {
            memory -= bytes
            if memory < 0 { throw .tooLarge(limit: limits.memory, what: "decoded request in bytes") }
        }

        private mutating func decodeSeries(
            _ cursor: inout ProtoCursor, _ out: UnsafeMutableRawPointer
        ) throws(WireError) {
            try charge(MemoryLayout<Series>.stride)
            var message = try cursor.message()
            let firstLabel = labelCount
            LabelCopy.plainLabels(&message, to: out, &labelCount)
            let firstSample = samples.count
            let firstExemplar = exemplars.count
            let firstHistogram = histograms.count
            var labelEnd = labelCount
            // Exemplars bring labels of their own. They wait until the series' labels are complete, which keeps those
            // consecutive even when a sender mixes the fields.
            var exemplarMessages: [ProtoCursor] = []
            while try message.next() {
                switch message.field {
                case 1:
                    try decodeLabel(&message, out)
                    labelEnd = labelCount
                case 2: try decodeSample(&message)
                case 3:
                    try charge(MemoryLayout<ProtoCursor>.stride)
                    exemplarMessages.append(try message.message())
                case 4:
                    try charge(Self.histogramBytes)
                    let range = try message.byteRange()
                    try HistogramCheck.check(ProtoCursor(message.bytes, range.bounds))
                    histograms.append(range)
                default: try message.skip()
                }
            }
            for exemplar in exemplarMessages { try decodeExemplar(exemplar, out) }
            series.append(
                Series(
                    labels: firstLabel..<labelEnd, samples: firstSample..<samples.count,
                    exemplars: firstExemplar..<exemplars.count, histograms: firstHistogram..<histograms.count))
        }

        private mutating func decodeLabel(
            _ cursor: inout ProtoCursor, _ out: UnsafeMutableRawPointer
        ) throws(WireError) {
            var message = try cursor.message()
            var name = ByteRange()
            var value = ByteRange()
            while try message.next() {
                switch message.field {
                case 1: name = try message.byteRange()
                case 2: value = try message.byteRange()
                default: try message.skip()
                }
            }
            LabelCopy.append(name.bytes(in: cursor.bytes), to: out, &labelCount)
            LabelCopy.append(value.bytes(in: cursor.bytes), to: out, &labelCount)
        }

        private mutating func decodeSample(_ cursor: inout ProtoCursor) throws(WireError) {
            try charge(MemoryLayout<Sample>.stride)
            var message = try cursor.message()
            var sample = Sample(timestamp: 0, value: 0)
            while try message.next() {
                switch message.field {
                case 1: sample.value = try message.double()
                case 2: sample.timestamp = try message.int64()
                default: try message.skip()
                }
            }
            samples.append(sample)
        }

        private mutating func decodeExemplar(
            _ cursor: ProtoCursor, _ out: UnsafeMutableRawPointer
        ) throws(WireError) {
            try charge(MemoryLayout<Exemplar>.stride)
            var message = cursor
            let first = labelCount
            var exemplar = Exemplar(labels: first..<first, value: 0, timestamp: 0)
            while try message.next() {
                switch message.field {
                case 1: try decodeLabel(&message, out)
                case 2: exemplar.value = try message.double()
                case 3: exemplar.timestamp = try message.int64()
                default: try message.skip()
                }
            }
            exemplar.labels = first..<labelCount
            exemplars.append(exemplar)
        }

        private mutating func decodeMetadata(_ cursor: inout ProtoCursor) throws(WireError) {
            try charge(MemoryLayout<Metadata>.stride)
            var message = try cursor.message()
            var item = Metadata(family: .init(), type: 0, help: .init(), unit: .init())
            while try message.next() {
                switch message.field {
                case 1: item.type = try message.int32()
                case 2: item.family = try message.byteRange()
                case 4: item.help = try message.byteRange()
                case 5: item.unit = try message.byteRange()
                default: try message.skip()
                }
            }
            metadata.append(item)
        }
    }
}
