import LogStorage
import MartletCore

/// Turns decoded pushes into log records, under the tenant's limits. Pushes are worked on side by side.
final class PushIntake: Sendable {
    let limits: LogLimits
    let rules: OTLPLabelRules
    let detector: LevelDetector?
    let cache: StreamLabelsCache
    /// Unix nanoseconds.
    let clock: @Sendable () -> Int64

    init(limits: LogLimits, rules: OTLPLabelRules, clock: @escaping @Sendable () -> Int64) {
        self.limits = limits
        self.rules = rules
        self.clock = clock
        // A level is structured metadata.
        detector =
            limits.discoversLogLevels && limits.allowsMetadata ? LevelDetector(fields: limits.logLevelFields) : nil
        cache = StreamLabelsCache(limits: limits, detector: detector)
    }

    /// Adds `detected_level` unless the client sent it: from the stream, the metadata, or the line.
    static func withLevel(
        _ metadata: Labels, _ ofStream: LogLevel?, _ line: UnsafeRawBufferPointer, _ detector: LevelDetector
    ) -> Labels {
        if let given = metadata.withValue(of: LogLevel.label, { LogLevel(value: $0) }) {
            // What the client says stays, under the level's own name.
            guard let given, metadata[LogLevel.label] != given.name else { return metadata }
            var builder = LabelsBuilder(metadata)
            builder.set(LogLevel.label, given.name)
            return builder.build()
        }
        var level = ofStream?.name
        if level == nil {
            // A name that is no level's stays as it is.
            metadata.forEach { name, value in
                guard level == nil, detector.isField(name) else { return }
                level = LogLevel(value: value)?.name ?? String(decoding: value, as: UTF8.self)
            }
        }
        if level == nil, let severity = metadata["severity_number"] {
            level = (Int32(severity).map { LogLevel(severityNumber: $0) } ?? .info).name
        }
        var builder = LabelsBuilder(metadata)
        builder.set(LogLevel.label, level ?? detector.level(of: line).name)
        return builder.build()
    }

    func streamLimit(_ text: String, _ tenant: String) -> PushProblem {
        // Without a limit of its own the memory is one.
        let key = limits.maxStreams > 0 ? "limits_config.max_global_streams_per_user" : "--memory.limit"
        return PushProblem(
            .streamLimit,
            "maximum active stream limit exceeded when trying to create stream \(text), reduce the number "
                + "of active streams (reduce labels or reduce label values), or raise \(key), user: '\(tenant)'"
        )
    }

    // MARK: Lines

    /// The times that lines may have now.
    func acceptedTimes() -> ClosedRange<Int64> {
        let now = clock()
        let oldest = limits.rejectsOldSamples ? now.subtractingReportingOverflow(limits.rejectOldSamplesMaxAge) : nil
        // What is past its retention already is not taken: nobody would see it.
        let kept = limits.lineRetention.horizon(now: now)
        let newest = now.addingReportingOverflow(limits.creationGracePeriod)
        let low = max(kept, oldest.map { $0.overflow ? .min : $0.partialValue } ?? .min)
        return min(low, now)...max(now, newest.overflow ? .max : newest.partialValue)
    }

    /// Why a line cannot be taken; nil when it can.
    func refusal(_ timestamp: Int64, size: Int, _ times: ClosedRange<Int64>) -> PushProblem.Reason? {
        if timestamp < times.lowerBound { return .greaterThanMaxSampleAge }
        if timestamp > times.upperBound { return .tooFarInFuture }
        return limits.maxLineSize > 0 && size > limits.maxLineSize && !limits.truncatesLongLines ? .lineTooLong : nil
    }

    /// The same in Loki's words.
    func explanation(
        _ reason: PushProblem.Reason, _ timestamp: Int64, size: Int, _ times: ClosedRange<Int64>, stream text: String
    ) -> String {
        switch reason {
        case .greaterThanMaxSampleAge:
            "entry for stream '\(text)' has timestamp too old: \(Self.format(timestamp)), oldest acceptable timestamp is: "
                + Self.format(times.lowerBound)
        case .tooFarInFuture: "entry for stream '\(text)' has timestamp too new: \(Self.format(timestamp))"
        default:
            "max entry size '\(limits.maxLineSize)' bytes exceeded for stream '\(text)' while adding an entry with length "
                + "'\(size)' bytes"
        }
    }

    private static func format(_ timestamp: Int64) -> String { RFC3339.format(unixNanoseconds: timestamp) }

    /// A line, cut when it is longer than the limit.
    func cut(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        isCut(size: line.count) ? UnsafeRawBufferPointer(rebasing: line[..<limits.maxLineSize]) : line
    }

    /// Whether a line of `size` bytes is longer than the limit.
    func isCut(size: Int) -> Bool { limits.maxLineSize > 0 && size > limits.maxLineSize }

    // MARK: Structured metadata

    /// Why structured metadata of this size cannot be taken; nil when it can.
    func metadataRefusal(size: Int, count: Int) -> PushProblem.Reason? {
        if count > 0, !limits.allowsMetadata { return .metadataDisallowed }
        if limits.maxMetadataSize > 0, size > limits.maxMetadataSize { return .metadataTooLarge }
        return limits.maxMetadataCount > 0 && count > limits.maxMetadataCount ? .metadataTooMany : nil
    }

    /// The same in Loki's words.
    func metadataExplanation(_ reason: PushProblem.Reason, size: Int, count: Int, stream text: String) -> String {
        switch reason {
        case .metadataDisallowed:
            "stream '\(text)' includes structured metadata, but this feature is disallowed. "
                + "Set `limits_config.allow_structured_metadata` to true to take it."
        case .metadataTooLarge:
            "stream '\(text)' has structured metadata too large: '\(size)' bytes, limit: "
                + "'\(limits.maxMetadataSize)' bytes. Raise `limits_config.max_structured_metadata_size` to take more."
        default:
            "stream '\(text)' has too many structured metadata labels: '\(count)', limit: "
                + "'\(limits.maxMetadataCount)'. Raise `limits_config.max_structured_metadata_entries_count` to take more."
        }
    }
}
