package import MartletCore

/// Writes metrics in text form: family by family, each with its samples.
package struct ExpositionWriter {
    /// What is written.
    package let format: ExpositionFormat
    private var out: [UInt8] = []
    private var sampleName: [UInt8] = []

    /// An empty exposition.
    package init(_ format: ExpositionFormat) {
        self.format = format
    }

    /// The whole exposition; in OpenMetrics with its end mark.
    package consuming func finish() -> [UInt8] {
        if format == .openMetrics { out.append(contentsOf: "# EOF\n".utf8) }
        return out
    }

    /// Begins a family. A counter is named with its `_total`; in OpenMetrics the family then goes without it, and a counter
    /// named without it gets it on its samples.
    package mutating func family(_ name: String, _ type: MetricType, help: String = "", unit: String = "") {
        var family = name
        sampleName = [UInt8](name.utf8)
        if format == .openMetrics, type == .counter {
            if name.hasSuffix("_total") {
                family = String(name.dropLast(6))
            } else {
                sampleName.append(contentsOf: "_total".utf8)
            }
        }
        if !help.isEmpty {
            comment("HELP", family)
            appendEscaped(help.utf8, quotes: format == .openMetrics)
            out.append(0x0a)
        }
        comment("TYPE", family)
        out.append(contentsOf: Self.typeName(type, format).utf8)
        out.append(0x0a)
        if format == .openMetrics, !unit.isEmpty {
            comment("UNIT", family)
            out.append(contentsOf: unit.utf8)
            out.append(0x0a)
        }
    }

    /// A sample of the present family: its name with `suffix` (as `_bucket`), its labels, its value, and a time in
    /// milliseconds since the Unix epoch.
    package mutating func sample(
        suffix: String = "", labels: [(name: String, value: String)] = [], value: Double, timestamp: Int64? = nil
    ) {
        let name = suffix.isEmpty ? sampleName : sampleName + suffix.utf8
        name.withUnsafeBytes { nameBytes in
            begin(nameBytes, hasLabels: !labels.isEmpty)
            var isFirst = LabelName.isLegacyMetricName(nameBytes)
            for label in labels {
                ByteString(label.name).withBytes { labelName in
                    ByteString(label.value).withBytes { self.label(labelName, $0, &isFirst) }
                }
            }
            end(nameBytes, hasLabels: !labels.isEmpty)
        }
        finishSample(value, timestamp)
    }

    /// A sample whose name is the label `__name__` of `labels`.
    package mutating func sample(_ labels: Labels, value: Double, timestamp: Int64? = nil) {
        var name: [UInt8] = []
        labels.withValue(of: Labels.metricName) { name = [UInt8]($0) }
        let hasLabels = labels.count > (name.isEmpty ? 0 : 1)
        name.withUnsafeBytes { nameBytes in
            begin(nameBytes, hasLabels: hasLabels)
            var isFirst = nameBytes.isEmpty || LabelName.isLegacyMetricName(nameBytes)
            labels.forEach { labelName, value in
                if labelName.elementsEqual(Labels.metricName.utf8) { return }
                label(labelName, value, &isFirst)
            }
            end(nameBytes, hasLabels: hasLabels)
        }
        finishSample(value, timestamp)
    }

    // MARK: Pieces

    private mutating func begin(_ name: UnsafeRawBufferPointer, hasLabels: Bool) {
        if LabelName.isLegacyMetricName(name) {
            out.append(contentsOf: name)
            if hasLabels { out.append(UInt8(ascii: "{")) }
        } else {
            out.append(UInt8(ascii: "{"))
            if !name.isEmpty { appendQuoted(name) }
        }
    }

    private mutating func end(_ name: UnsafeRawBufferPointer, hasLabels: Bool) {
        if hasLabels || !LabelName.isLegacyMetricName(name) { out.append(UInt8(ascii: "}")) }
        out.append(0x20)
    }

    private mutating func label(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ isFirst: inout Bool
    ) {
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        if LabelName.isLegacyLabelName(name) { out.append(contentsOf: name) } else { appendQuoted(name) }
        out.append(UInt8(ascii: "="))
        appendQuoted(value)
    }

    private mutating func finishSample(_ value: Double, _ timestamp: Int64?) {
        let start = out.count
        FloatText.appendGeneral(value, to: &out)
        if format == .openMetrics, value.isFinite, !out[start...].contains(where: { $0 == 0x2e || $0 == 0x65 }) {
            out.append(contentsOf: ".0".utf8)
        }
        if let timestamp {
            out.append(0x20)
            if format == .openMetrics {
                TimestampMs(timestamp).appendSeconds(to: &out)
            } else {
                FloatText.appendInteger(timestamp, to: &out)
            }
        }
        out.append(0x0a)
    }

    private mutating func comment(_ keyword: String, _ family: String) {
        out.append(contentsOf: "# \(keyword) ".utf8)
        ByteString(family).withBytes { name in
            if LabelName.isLegacyMetricName(name) { out.append(contentsOf: name) } else { appendQuoted(name) }
        }
        out.append(0x20)
    }

    private mutating func appendQuoted(_ text: UnsafeRawBufferPointer) {
        out.append(UInt8(ascii: "\""))
        appendEscaped(text, quotes: true)
        out.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ text: some Sequence<UInt8>, quotes: Bool) {
        for byte in text {
            switch byte {
            case 0x0a: out.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\\"): out.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\"") where quotes: out.append(contentsOf: "\\\"".utf8)
            default: out.append(byte)
            }
        }
    }

    /// Types that only one of the formats knows are written as the nearest the other has.
    private static func typeName(_ type: MetricType, _ format: ExpositionFormat) -> String {
        guard format == .text else { return type.rawValue }
        switch type {
        case .unknown: return "untyped"
        case .info, .stateSet: return "gauge"
        case .gaugeHistogram: return "histogram"
        default: return type.rawValue
        }
    }
}
