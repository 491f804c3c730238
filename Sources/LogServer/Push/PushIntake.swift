import LogStorage
import MartletCore
import Wire

/// Turns decoded pushes into log records, under the tenant's limits.
final class PushIntake: Sendable {
    private let limits: LogLimits
    private let rules: OTLPLabelRules
    private let detector: LevelDetector?
    private let cache = Lock(StreamLabelsCache())
    /// Unix nanoseconds.
    private let clock: @Sendable () -> Int64

    init(limits: LogLimits, rules: OTLPLabelRules, clock: @escaping @Sendable () -> Int64) {
        self.limits = limits
        self.rules = rules
        self.clock = clock
        detector = limits.discoversLogLevels ? LevelDetector(fields: limits.logLevelFields) : nil
    }

    // MARK: Loki

    /// The lines of a Loki push that may be stored.
    func outcome(
        _ push: LokiPush.PushRequest, tenant: String, admits: (Labels) -> Bool
    ) -> PushOutcome {
        var outcome = PushOutcome(capacity: push.bytes.count + push.entries.count * 24)
        let times = acceptedTimes()
        push.bytes.withUnsafeBytes { bytes in
            cache.withLock { cache in
                for stream in push.streams {
                    let text = stream.labels.bytes(in: bytes)
                    outcome.streams += 1
                    do throws(PushProblem) {
                        let labels = try cache.labels(text, limits: limits, detector: detector)
                        guard admits(labels.labels) else { throw Self.streamLimit(text, tenant) }
                        add(push, stream, labels, bytes, times, &outcome)
                    } catch {
                        let size = push.entries[stream.entries].reduce(0) { $0 + Int($1.line.count) }
                        outcome.discard(error, lines: stream.entries.count, bytes: size)
                    }
                }
            }
        }
        return outcome
    }

    private func add(
        _ push: LokiPush.PushRequest, _ stream: LokiPush.PushRequest.Stream, _ labels: StreamLabels,
        _ bytes: UnsafeRawBufferPointer, _ times: ClosedRange<Int64>, _ outcome: inout PushOutcome
    ) {
        outcome.expectStream(labels.labels)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        for index in stream.entries {
            let entry = push.entries[index]
            var line = entry.line.bytes(in: bytes)
            if let problem = problem(entry.timestamp, line, times, stream, bytes) {
                outcome.discard(problem, lines: 1, bytes: line.count)
                continue
            }
            if limits.maxLineSize > 0, line.count > limits.maxLineSize {
                line = UnsafeRawBufferPointer(rebasing: line[..<limits.maxLineSize])
            }
            if entry.metadata.isEmpty {
                guard let detector else {
                    outcome.append(timestamp: entry.timestamp, line: line, metadata: none)
                    continue
                }
                let level = labels.level ?? detector.level(of: line)
                level.metadata.withUnsafeBytes {
                    outcome.append(timestamp: entry.timestamp, line: line, metadata: $0)
                }
                continue
            }
            let pairs = push.metadata[entry.metadata]
            if let problem = metadataProblem(pairs, stream, bytes) {
                outcome.discard(problem, lines: 1, bytes: line.count)
                continue
            }
            var metadata = Labels(pairs, in: bytes)
            if let detector { metadata = Self.withLevel(metadata, labels.level, line, detector) }
            metadata.bytes.withUnsafeBytes {
                outcome.append(timestamp: entry.timestamp, line: line, metadata: $0)
            }
        }
    }

    /// Adds `detected_level` unless the client sent it: from the stream, the metadata, or the line.
    private static func withLevel(
        _ metadata: Labels, _ ofStream: LogLevel?, _ line: UnsafeRawBufferPointer, _ detector: LevelDetector
    ) -> Labels {
        guard metadata.withValue(of: LogLevel.name, { _ in true }) == nil else { return metadata }
        var level = ofStream
        if level == nil {
            metadata.forEach { name, value in
                if level == nil, detector.isField(name) { level = LogLevel(value: value) }
            }
        }
        var builder = LabelsBuilder(metadata)
        builder.set(LogLevel.name, (level ?? detector.level(of: line)).rawValue)
        return builder.build()
    }

    private static func streamLimit(_ text: UnsafeRawBufferPointer, _ tenant: String) -> PushProblem {
        PushProblem(
            .streamLimit,
            "maximum active stream limit exceeded when trying to create stream \(String(decoding: text, as: UTF8.self)), reduce the number "
                + "of active streams (reduce labels or reduce label values), or raise limits_config.max_global_streams_per_user, user: '\(tenant)'"
        )
    }

    private func acceptedTimes() -> ClosedRange<Int64> {
        let now = clock()
        let oldest = limits.rejectsOldSamples ? now - limits.rejectOldSamplesMaxAge : Int64.min
        return min(oldest, now)...(now + limits.creationGracePeriod)
    }

    private func problem(
        _ timestamp: Int64, _ line: UnsafeRawBufferPointer, _ times: ClosedRange<Int64>,
        _ stream: LokiPush.PushRequest.Stream, _ bytes: UnsafeRawBufferPointer
    ) -> PushProblem? {
        let isTooLong = limits.maxLineSize > 0 && line.count > limits.maxLineSize && !limits.truncatesLongLines
        guard !times.contains(timestamp) || isTooLong else { return nil }
        let text = stream.labels.text(in: bytes)
        if timestamp < times.lowerBound {
            return PushProblem(
                .greaterThanMaxSampleAge,
                "entry for stream '\(text)' has timestamp too old: \(Self.format(timestamp)), oldest acceptable timestamp is: "
                    + Self.format(times.lowerBound))
        }
        if timestamp > times.upperBound {
            return PushProblem(
                .tooFarInFuture, "entry for stream '\(text)' has timestamp too new: \(Self.format(timestamp))")
        }
        return PushProblem(
            .lineTooLong,
            "max entry size '\(limits.maxLineSize)' bytes exceeded for stream '\(text)' while adding an entry with length "
                + "'\(line.count)' bytes")
    }

    private static func format(_ timestamp: Int64) -> String { RFC3339.format(unixNanoseconds: timestamp) }

    private func metadataProblem(
        _ pairs: ArraySlice<LabelRange>, _ stream: LokiPush.PushRequest.Stream, _ bytes: UnsafeRawBufferPointer
    ) -> PushProblem? {
        let size = pairs.reduce(0) { $0 + Int($1.name.count) + Int($1.value.count) }
        if limits.maxMetadataSize > 0, size > limits.maxMetadataSize {
            return PushProblem(
                .metadataTooLarge,
                "stream '\(stream.labels.text(in: bytes))' has structured metadata too large: '\(size)' bytes, limit: "
                    + "'\(limits.maxMetadataSize)' bytes. Raise `limits_config.max_structured_metadata_size` to take more."
            )
        }
        if limits.maxMetadataCount > 0, pairs.count > limits.maxMetadataCount {
            return PushProblem(
                .metadataTooMany,
                "stream '\(stream.labels.text(in: bytes))' has too many structured metadata labels: '\(pairs.count)', limit: "
                    + "'\(limits.maxMetadataCount)'. Raise `limits_config.max_structured_metadata_entries_count` to take more."
            )
        }
        return nil
    }

    // MARK: OTLP

    /// The lines of an OTLP export that may be stored. Streams are made of resource attributes, as `rules` say.
    func outcome(_ logs: OTLP.Logs, tenant: String, admits: (Labels) -> Bool) -> PushOutcome {
        let now = clock()
        let times = acceptedTimes()
        var outcome = PushOutcome(capacity: 4096)
        for resource in logs.resourceLogs {
            let mapping = OTLPLogMapping(resource, rules: rules)
            for (labels, entries) in mapping.streams(resource, receivedAt: now) {
                outcome.streams += 1
                let text = "\(labels)"
                do throws(PushProblem) {
                    let stream = try StreamLabels(labels, text: text, limits: limits, detector: detector)
                    guard admits(stream.labels) else {
                        throw Array(text.utf8).withUnsafeBytes { Self.streamLimit($0, tenant) }
                    }
                    outcome.expectStream(stream.labels)
                    for entry in entries { add(entry, text, stream, times, &outcome) }
                } catch {
                    let size = entries.reduce(0) { $0 + $1.line.count }
                    outcome.discard(error, lines: entries.count, bytes: size)
                }
            }
        }
        return outcome
    }

    private func add(
        _ entry: OTLPLogMapping.Entry, _ text: String, _ stream: StreamLabels, _ times: ClosedRange<Int64>,
        _ outcome: inout PushOutcome
    ) {
        var line = entry.line
        if limits.maxLineSize > 0, line.count > limits.maxLineSize {
            guard limits.truncatesLongLines else {
                let problem = PushProblem(
                    .lineTooLong,
                    "max entry size '\(limits.maxLineSize)' bytes exceeded for stream '\(text)' while adding an entry with length "
                        + "'\(line.count)' bytes")
                return outcome.discard(problem, lines: 1, bytes: line.count)
            }
            line.removeLast(line.count - limits.maxLineSize)
        }
        guard times.contains(entry.timestamp) else {
            let isOld = entry.timestamp < times.lowerBound
            let problem = PushProblem(
                isOld ? .greaterThanMaxSampleAge : .tooFarInFuture,
                "entry for stream '\(text)' has timestamp too \(isOld ? "old" : "new"): \(Self.format(entry.timestamp))"
            )
            return outcome.discard(problem, lines: 1, bytes: line.count)
        }
        line.withUnsafeBytes { line in
            var metadata = entry.metadata
            if let detector {
                let ofSeverity = entry.severityNumber > 0 ? LogLevel(severityNumber: entry.severityNumber) : nil
                metadata = Self.withLevel(metadata, stream.level ?? ofSeverity, line, detector)
            }
            metadata.bytes.withUnsafeBytes {
                outcome.append(timestamp: entry.timestamp, line: line, metadata: $0)
            }
        }
    }
}
