package import MartletCore

/// Reads what a target exposes in protobuf: `io.prometheus.client.MetricFamily` messages, each behind its length as a
/// varint (`prompb/io/prometheus/client/metrics.proto` of Prometheus). Gives the samples that Prometheus' own parser gives:
/// a summary or classic histogram is its count, its sum, and a sample for each quantile or bucket.
///
/// No more than one metric is taken apart at a time. The buffer must outlive the reader; ranges refer to it.
package struct MetricFamilyReader: ExpositionReader {
    /// Bytes that one metric may have: two bytes of it can become forty in memory.
    package static let metricLimit = 4 << 20

    /// Bytes that the keys of all samples may have: each has its metric's labels anew, so that a few bytes of a bucket can
    /// stand for megabytes. As much as a scrape in text may have, and less for a small body.
    private static func keyLimit(ofBody count: Int) -> Int { min(512 << 20, 64 * count + (1 << 20)) }

    /// What a metric gives next.
    enum Part: Equatable {
        /// The one number of a counter, gauge or untyped metric.
        case value
        case count
        case sum
        /// A quantile or bucket by its place; the bucket behind the last is the one up to infinity.
        case item(Int)
        case native
        /// The classic histogram as a native one.
        case converted
    }

    /// The state within a family.
    private enum State {
        case help, unit, type, metrics
    }

    let bytes: UnsafeRawBufferPointer
    let reading: HistogramReading
    private var position = 0
    private var state = State.metrics
    private var metrics: ProtoCursor
    /// The metric that is taken apart, and what it gives now; nil when all was given.
    var metric = MetricMessage()
    var part: Part?
    private var key: [UInt8] = []
    /// Bytes of all keys so far.
    private var keyBytes = 0
    private var assembly = LabelAssembly()

    package private(set) var value = 0.0
    package private(set) var histogram = RemoteWrite.Histogram()
    package private(set) var type = MetricType.unknown
    package private(set) var family = ByteRange()
    package private(set) var text = ByteRange()
    package private(set) var emptyLabelNames: [String] = []
    private var help = ByteRange()
    private var unit = ByteRange()

    /// A reader of one scrape. Bodies of 4 GiB and more are refused by the first `next()`.
    package init(_ bytes: UnsafeRawBufferPointer, _ reading: HistogramReading = HistogramReading()) {
        self.bytes = bytes
        self.reading = reading
        metrics = ProtoCursor(bytes, 0..<0)
    }

    package var timestamp: Int64? { metric.timestamp == 0 ? nil : metric.timestamp }
    package var startTimestamp: Int64? { metric.start == 0 ? nil : metric.start }
    package var familyName: String { family.text(in: bytes) }
    package var unescapedText: String { text.text(in: bytes) }

    package func withKey<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { key.withUnsafeBytes(body) }

    package mutating func next() throws(WireError) -> ExpositionEntry? {
        guard bytes.count <= Int(UInt32.max) else { throw .tooLarge(limit: Int(UInt32.max), what: "scrape in bytes") }
        switch state {
        case .help:
            state = unit.isEmpty ? .type : .unit
            text = help
            return .help
        case .unit:
            state = .type
            text = unit
            return .unit
        case .type:
            state = .metrics
            return .type
        case .metrics:
            if let current = part { part = following(current) }
            while part == nil {
                guard try nextMetric() else { return try nextFamily() ? try next() : nil }
            }
            return try announce()
        }
    }

    // MARK: Families and metrics

    /// Finds the next family that has metrics; false at the end.
    private mutating func nextFamily() throws(WireError) -> Bool {
        while position < bytes.count {
            var length = ProtoCursor(bytes, position..<bytes.count)
            let count = try length.varint()
            guard count <= UInt64(bytes.count - length.offset) else { throw .truncated(offset: position) }
            let bounds = length.offset..<length.offset + Int(count)
            position = bounds.upperBound
            if try readFamily(bounds) {
                metrics = ProtoCursor(bytes, bounds)
                state = .help
                return true
            }
        }
        return false
    }

    /// Reads all of a family but its metrics; false when it has none.
    private mutating func readFamily(_ bounds: Range<Int>) throws(WireError) -> Bool {
        (family, help, unit) = (ByteRange(), ByteRange(), ByteRange())
        var number: Int32 = 0
        var hasMetrics = false
        var message = ProtoCursor(bytes, bounds)
        while try message.next() {
            switch message.field {
            case 1: family = try message.byteRange()
            case 2: help = try message.byteRange()
            case 3: number = try message.int32()
            case 4:
                _ = try message.delimited()
                hasMetrics = true
            case 5: unit = try message.byteRange()
            default: try message.skip()
            }
        }
        guard hasMetrics else { return false }
        guard LabelName.isValid(family.bytes(in: bytes)) else {
            throw .malformed(offset: bounds.lowerBound, what: "invalid metric name: \(familyName)")
        }
        guard Bytes.isValidUTF8(help.bytes(in: bytes)), Bytes.isValidUTF8(unit.bytes(in: bytes)) else {
            throw .malformed(offset: bounds.lowerBound, what: "invalid help for metric \(quotedFamily)")
        }
        guard let type = MetricType(exposedNumber: number) else {
            throw .malformed(
                offset: bounds.lowerBound, what: "unknown metric type for metric \(quotedFamily): \(number)")
        }
        self.type = type
        return true
    }

    private var quotedFamily: String { GoQuote.quote(familyName) }

    /// Takes the next metric of the family apart; false when there is none.
    private mutating func nextMetric() throws(WireError) -> Bool {
        while try metrics.next() {
            guard metrics.field == 4 else {
                try metrics.skip()
                continue
            }
            let bounds = try metrics.delimited()
            guard bounds.count <= Self.metricLimit else {
                throw .tooLarge(limit: Self.metricLimit, what: "a metric of \(familyName) in bytes")
            }
            try metric.decode(bytes, bounds, type)
            part = first
            return true
        }
        return false
    }

    // MARK: Parts of a metric

    private var isNative: Bool { reading.takesNative && metric.isNative }

    /// What a metric gives first.
    private var first: Part {
        switch type {
        case .summary: .count
        case .histogram, .gaugeHistogram:
            isNative ? .native : reading.convertsClassic && !reading.keepsClassic ? .converted : .count
        default: .value
        }
    }

    /// What comes after a part.
    private func following(_ part: Part) -> Part? {
        switch part {
        case .value, .converted: nil
        case .native: reading.keepsClassic && !metric.buckets.isEmpty ? .count : nil
        case .count: .sum
        case .sum: type == .summary && metric.quantiles.isEmpty ? nil : .item(0)
        case .item(let index):
            if type == .summary {
                index + 1 < metric.quantiles.count ? .item(index + 1) : nil
            } else if index < metric.buckets.count, metric.buckets[index].bound != .infinity {
                .item(index + 1)
            } else {
                reading.convertsClassic && !isNative ? .converted : nil
            }
        }
    }

    /// Makes the value and the key of the part.
    private mutating func announce() throws(WireError) -> ExpositionEntry {
        makeKey()
        keyBytes += key.count
        let limit = Self.keyLimit(ofBody: bytes.count)
        guard keyBytes <= limit else { throw .tooLarge(limit: limit, what: "all series of a scrape in bytes") }
        switch part {
        case .native:
            try metric.checkNative(familyName)
            histogram = metric.native
            histogram.resetHint = type == .gaugeHistogram ? 3 : 0
            return .histogram
        case .converted:
            do throws(ClassicHistogram.Fault) {
                histogram = try metric.classic.native()
            } catch {
                throw .malformed(offset: metric.bounds.lowerBound, what: "\(error)")
            }
            histogram.resetHint = type == .gaugeHistogram ? 3 : 0
            return .histogram
        case .value, nil: value = metric.value
        case .count: value = metric.observations
        case .sum: value = metric.sum
        case .item(let index):
            if type == .summary {
                value = metric.quantiles[index].value
            } else {
                value = index < metric.buckets.count ? metric.buckets[index].count : metric.observations
            }
        }
        return .series
    }

    /// The bound of the quantile or bucket.
    private var bound: Double? {
        guard case .item(let index) = part else { return nil }
        if type == .summary { return metric.quantiles[index].quantile }
        return index < metric.buckets.count ? metric.buckets[index].bound : .infinity
    }

    private var suffix: StaticString {
        switch part {
        case .count: "_count"
        case .sum: "_sum"
        case .item: type == .summary ? "" : "_bucket"
        default: ""
        }
    }

    /// The family, the part, and the metric's labels as they are written: what no two series have in common.
    private mutating func makeKey() {
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: family.bytes(in: bytes))
        key.append(0xff)
        switch part {
        case .native, .converted: key.append(1)
        case .count: key.append(2)
        case .sum: key.append(3)
        case .item: key.append(type == .summary ? 4 : 5)
        case .value, nil: key.append(6)
        }
        if let bound { withUnsafeBytes(of: bound.bitPattern) { key.append(contentsOf: $0) } }
        key.append(contentsOf: metric.labels)
    }

    // MARK: Labels and exemplars

    package mutating func labels() throws(WireError) -> Labels {
        var name = [UInt8](family.bytes(in: bytes))
        suffix.withUTF8Buffer { name.append(contentsOf: $0) }
        var number: [UInt8] = []
        if let bound { FloatText.appendOpenMetrics(bound, to: &number) }
        assembly.reset()
        // The assembly points into this until it is done.
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: name.count + number.count, alignment: 1)
        defer { scratch.deallocate() }
        scratch.copyBytes(from: name)
        UnsafeMutableRawBufferPointer(rebasing: scratch[name.count...]).copyBytes(from: number)
        assembly.addMetricName(UnsafeRawBufferPointer(rebasing: scratch[..<name.count]))
        if !number.isEmpty {
            let label: StaticString = type == .summary ? "quantile" : "le"
            assembly.add(
                UnsafeRawBufferPointer(start: label.utf8Start, count: label.utf8CodeUnitCount),
                UnsafeRawBufferPointer(rebasing: scratch[name.count...]))
        }
        return try finish(metric.bounds)
    }

    /// Adds the labels that are the field 1 of a message to those that are there already.
    private mutating func finish(_ bounds: Range<Int>) throws(WireError) -> Labels {
        var message = ProtoCursor(bytes, bounds)
        while try message.next() {
            guard message.field == 1 else {
                try message.skip()
                continue
            }
            var pair = try message.message()
            var (name, value) = (0..<0, 0..<0)
            while try pair.next() {
                switch pair.field {
                case 1: name = try pair.delimited()
                case 2: value = try pair.delimited()
                default: try pair.skip()
                }
            }
            let (nameBytes, valueBytes) = (
                UnsafeRawBufferPointer(rebasing: bytes[name]), UnsafeRawBufferPointer(rebasing: bytes[value])
            )
            guard LabelName.isValid(nameBytes) else {
                throw .malformed(
                    offset: name.lowerBound, what: "invalid label name: \(String(decoding: nameBytes, as: UTF8.self))")
            }
            guard Bytes.isValidUTF8(valueBytes) else {
                throw .malformed(
                    offset: value.lowerBound,
                    what: "invalid label value: \(String(decoding: valueBytes, as: UTF8.self))")
            }
            assembly.add(nameBytes, valueBytes)
        }
        if let duplicate = assembly.duplicateName() {
            throw .malformed(
                offset: bounds.lowerBound,
                what: "label name \"\(String(decoding: duplicate, as: UTF8.self))\" is not unique")
        }
        emptyLabelNames = assembly.emptyNames
        return assembly.finish()
    }

    package mutating func exemplars(_ body: (Labels, Int64?, Double) -> Void) throws(WireError) {
        switch part {
        case .native, .converted:
            let ranges = metric.exemplars.isEmpty ? metric.buckets.map(\.exemplar) : metric.exemplars
            // Without a time one cannot tell a new one from a repetition.
            for range in ranges where !range.isEmpty { try exemplar(range, needsTime: true, body) }
        case .item(let index) where type != .summary && index < metric.buckets.count:
            try exemplar(metric.buckets[index].exemplar, needsTime: false, body)
        case .value: try exemplar(metric.exemplar, needsTime: false, body)
        default: break
        }
    }

    private mutating func exemplar(
        _ range: ByteRange, needsTime: Bool, _ body: (Labels, Int64?, Double) -> Void
    ) throws(WireError) {
        guard !range.isEmpty else { return }
        var message = ProtoCursor(bytes, range.bounds)
        var value = 0.0
        var time: Int64?
        while try message.next() {
            switch message.field {
            case 2: value = try message.double()
            case 3: time = try message.milliseconds()
            default: try message.skip()
            }
        }
        guard time != nil || !needsTime else { return }
        let own = emptyLabelNames
        defer { emptyLabelNames = own }
        assembly.reset()
        body(try finish(range.bounds), time, value)
    }
}

extension ProtoCursor {
    /// A message `google.protobuf.Timestamp` as milliseconds since the Unix epoch.
    mutating func milliseconds() throws(WireError) -> Int64 {
        var message = try message()
        var seconds: Int64 = 0
        var nanoseconds: Int32 = 0
        while try message.next() {
            switch message.field {
            case 1: seconds = try message.int64()
            case 2: nanoseconds = try message.int32()
            default: try message.skip()
            }
        }
        return seconds &* 1000 &+ Int64(nanoseconds / 1_000_000)
    }
}
