import MartletCore
import Wire

/// How the parts of one OTLP resource become streams, lines and structured metadata.
struct OTLPLogMapping {
    struct Entry {
        var timestamp: Int64
        var line: [UInt8]
        var metadata: Labels
        var severityNumber: Int32
    }

    private let rules: OTLPLabelRules
    private var streamLabels = LabelsBuilder()
    private var resourceMetadata = LabelsBuilder()

    init(_ resource: OTLP.ResourceLogs, rules: OTLPLabelRules) {
        self.rules = rules
        for attribute in resource.resource.attributes {
            let name = attribute.key.string
            let action =
                rules.resource[name] ?? (rules.resourceLabels.contains(name) ? .indexLabel : .structuredMetadata)
            switch action {
            case .indexLabel: Self.add(attribute.value, name, to: &streamLabels)
            case .structuredMetadata: Self.add(attribute.value, name, to: &resourceMetadata)
            case .drop: break
            }
        }
    }

    /// The resource's lines by stream, in the order received.
    func streams(_ resource: OTLP.ResourceLogs, receivedAt now: Int64) -> [(Labels, [Entry])] {
        var places: [Labels: Int] = [:]
        var streams: [(Labels, [Entry])] = []
        for scope in resource.scopeLogs {
            var scopeLabels = streamLabels
            var scopeMetadata = resourceMetadata
            for attribute in scope.scope.attributes {
                let name = attribute.key.string
                apply(rules.scope[name], name, attribute.value, &scopeLabels, &scopeMetadata)
            }
            if !scope.scope.name.isEmpty { scopeMetadata.set("scope_name", scope.scope.name.string) }
            if !scope.scope.version.isEmpty { scopeMetadata.set("scope_version", scope.scope.version.string) }
            if scope.scope.droppedAttributesCount > 0 {
                scopeMetadata.set("scope_dropped_attributes_count", "\(scope.scope.droppedAttributesCount)")
            }
            for record in scope.logRecords {
                var labels = scopeLabels
                let entry = entry(record, &labels, scopeMetadata, now)
                let built = labels.build()
                let place = places[built] ?? streams.count
                if place == streams.count {
                    places[built] = place
                    streams.append((built, []))
                }
                streams[place].1.append(entry)
            }
        }
        return streams
    }

    private func entry(
        _ record: OTLP.LogRecord, _ labels: inout LabelsBuilder, _ inherited: LabelsBuilder, _ now: Int64
    ) -> Entry {
        var metadata = inherited
        for attribute in record.attributes {
            let name = attribute.key.string
            apply(rules.log[name], name, attribute.value, &labels, &metadata)
        }
        if record.severityNumber != 0 { metadata.set("severity_number", "\(record.severityNumber)") }
        if !record.severityText.isEmpty {
            if rules.severityTextAsLabel {
                labels.set("severity_text", record.severityText.string)
            } else {
                metadata.set("severity_text", record.severityText.string)
            }
        }
        if !record.traceID.isZero { metadata.set("trace_id", "\(record.traceID)") }
        if !record.spanID.isZero { metadata.set("span_id", "\(record.spanID)") }
        if record.flags != 0 { metadata.set("flags", "\(record.flags)") }
        if !record.eventName.isEmpty { metadata.set("event_name", record.eventName.string) }
        if record.observedTimeUnixNano != 0 { metadata.set("observed_timestamp", "\(record.observedTimeUnixNano)") }
        if record.droppedAttributesCount > 0 {
            metadata.set("dropped_attributes_count", "\(record.droppedAttributesCount)")
        }
        let time = record.timeUnixNano != 0 ? record.timeUnixNano : record.observedTimeUnixNano
        return Entry(
            timestamp: time == 0 ? now : Int64(clamping: time), line: record.body.text.array,
            metadata: metadata.build(),
            severityNumber: record.severityNumber)
    }

    private func apply(
        _ action: OTLPLabelRules.Action?, _ name: String, _ value: OTLP.AnyValue, _ labels: inout LabelsBuilder,
        _ metadata: inout LabelsBuilder
    ) {
        switch action ?? .structuredMetadata {
        case .indexLabel: Self.add(value, name, to: &labels)
        case .structuredMetadata: Self.add(value, name, to: &metadata)
        case .drop: break
        }
    }

    /// Sets an attribute under its label name; maps are flattened with `_`. Decoding has bounded their depth.
    private static func add(_ value: OTLP.AnyValue, _ name: String, to builder: inout LabelsBuilder) {
        if case .map(let pairs) = value {
            for pair in pairs { add(pair.value, name + "_" + pair.key.string, to: &builder) }
            return
        }
        builder.set(labelName(name), value.text.string)
    }

    /// The name in the alphabet of labels: everything else becomes `_`, a leading digit gets `key_` in front.
    private static func labelName(_ name: String) -> String {
        var out: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                out.append(byte)
            case 0x80...0xBF: continue
            default: out.append(UInt8(ascii: "_"))
            }
        }
        if let first = out.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") {
            out = Array("key_".utf8) + out
        }
        return String(decoding: out, as: UTF8.self)
    }
}
