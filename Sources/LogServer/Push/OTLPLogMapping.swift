import MartletCore
import Wire

/// How the parts of one OTLP resource become streams, lines and structured metadata. Lines are made one by one: all of
/// them at once, each with the resource's attributes, may be thousands of times the request.
struct OTLPLogMapping {
    /// A line on its way.
    struct Entry {
        var timestamp: Int64
        var line: [UInt8]
        var metadata: BoundedLabels
        var severityNumber: Int32
    }

    /// Where a record lies in the resource.
    struct Place {
        var scope: Int
        var record: Int
    }

    private let resource: OTLP.ResourceLogs
    private let rules: OTLPLabelRules
    private let now: Int64
    /// What the records of each scope begin with.
    private var scopes: [(labels: BoundedLabels, metadata: BoundedLabels)] = []

    init(_ resource: OTLP.ResourceLogs, rules: OTLPLabelRules, limits: LogLimits, receivedAt now: Int64) {
        self.resource = resource
        self.rules = rules
        self.now = now
        var labels = BoundedLabels(countLimit: limits.maxLabelNamesPerSeries, sizeLimit: 0)
        var metadata = BoundedLabels(countLimit: limits.maxMetadataCount, sizeLimit: limits.maxMetadataSize)
        for attribute in resource.resource.attributes {
            let name = attribute.key.string
            let action =
                rules.resource[name] ?? (rules.resourceLabels.contains(name) ? .indexLabel : .structuredMetadata)
            Self.apply(action, name, attribute.value, &labels, &metadata)
        }
        scopes = resource.scopeLogs.map { scope in
            var (labels, metadata) = (labels, metadata)
            for attribute in scope.scope.attributes {
                let name = attribute.key.string
                Self.apply(rules.scope[name], name, attribute.value, &labels, &metadata)
            }
            if !scope.scope.name.isEmpty { metadata.set("scope_name", scope.scope.name.string) }
            if !scope.scope.version.isEmpty { metadata.set("scope_version", scope.scope.version.string) }
            if scope.scope.droppedAttributesCount > 0 {
                metadata.set("scope_dropped_attributes_count", "\(scope.scope.droppedAttributesCount)")
            }
            return (labels, metadata)
        }
    }

    /// Where the resource's lines lie, by stream, in the order received.
    var streams: [(labels: BoundedLabels, places: [Place])] {
        var known: [Labels: Int] = [:]
        var streams: [(labels: BoundedLabels, places: [Place])] = []
        for (scope, logs) in resource.scopeLogs.enumerated() {
            // Most rules leave all records of a scope in one stream.
            let ofScope = scopes[scope].labels
            let inScope = ofScope.labels
            for (record, log) in logs.logRecords.enumerated() {
                let own = labels(of: log, ofScope)
                let built = own?.labels ?? inScope
                let stream = known[built] ?? streams.count
                if stream == streams.count {
                    known[built] = stream
                    streams.append((own ?? ofScope, []))
                }
                streams[stream].places.append(Place(scope: scope, record: record))
            }
        }
        return streams
    }

    /// A record's stream labels; nil when it adds none to its scope's.
    private func labels(of record: OTLP.LogRecord, _ ofScope: BoundedLabels) -> BoundedLabels? {
        var labels: BoundedLabels?
        if rules.hasLogLabels {
            for attribute in record.attributes where rules.log[attribute.key.string] == .indexLabel {
                labels = labels ?? ofScope
                labels?.set(attribute.value, attribute.key.string)
            }
        }
        if rules.severityTextAsLabel, !record.severityText.isEmpty {
            labels = labels ?? ofScope
            labels?.set("severity_text", record.severityText.string)
        }
        return labels
    }

    /// Bytes of a record's body, where it is text.
    func lineSize(_ place: Place) -> Int {
        if case .string(let text) = resource.scopeLogs[place.scope].logRecords[place.record].body {
            text.count
        } else {
            0
        }
    }

    /// The line at a place.
    func entry(_ place: Place) -> Entry {
        let record = resource.scopeLogs[place.scope].logRecords[place.record]
        var metadata = scopes[place.scope].metadata
        for attribute in record.attributes {
            let name = attribute.key.string
            if rules.log[name] ?? .structuredMetadata == .structuredMetadata { metadata.set(attribute.value, name) }
        }
        if record.severityNumber != 0 { metadata.set("severity_number", "\(record.severityNumber)") }
        if !record.severityText.isEmpty, !rules.severityTextAsLabel {
            metadata.set("severity_text", record.severityText.string)
        }
        if !record.traceID.isZero { metadata.set("trace_id", "\(record.traceID)") }
        if !record.spanID.isZero { metadata.set("span_id", "\(record.spanID)") }
        if record.flags != 0 { metadata.set("flags", "\(record.flags)") }
        if !record.eventName.isEmpty { metadata.set("event_name", record.eventName.string) }
        // Where it is the line's own time there is nothing to add.
        if record.timeUnixNano != 0, record.observedTimeUnixNano != 0 {
            metadata.set("observed_timestamp", "\(record.observedTimeUnixNano)")
        }
        if record.droppedAttributesCount > 0 {
            metadata.set("dropped_attributes_count", "\(record.droppedAttributesCount)")
        }
        let time = record.timeUnixNano != 0 ? record.timeUnixNano : record.observedTimeUnixNano
        return Entry(
            timestamp: time == 0 ? now : Int64(clamping: time), line: record.body.text.array, metadata: metadata,
            severityNumber: record.severityNumber)
    }

    private static func apply(
        _ action: OTLPLabelRules.Action?, _ name: String, _ value: OTLP.AnyValue, _ labels: inout BoundedLabels,
        _ metadata: inout BoundedLabels
    ) {
        switch action ?? .structuredMetadata {
        case .indexLabel: labels.set(value, name)
        case .structuredMetadata: metadata.set(value, name)
        case .drop: break
        }
    }
}
