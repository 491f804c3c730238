import LogStorage
import MartletCore
import Wire

extension PushIntake {
    /// The lines of an OTLP export that may be stored. Streams are made of resource attributes, as `rules` say. Throws when
    /// the lines are more than one record may have.
    func outcome(
        _ logs: OTLP.Logs, tenant: String, admits: (Labels) -> Bool
    ) throws(LogStorageError) -> PushOutcome {
        let now = clock()
        let times = acceptedTimes()
        var outcome = PushOutcome(capacity: 4096)
        for resource in logs.resourceLogs {
            let mapping = OTLPLogMapping(resource, rules: rules, limits: limits, receivedAt: now)
            for (labels, places) in mapping.streams {
                outcome.streams += 1
                switch self.labels(labels, tenant, admits) {
                case .success(let stream):
                    outcome.expectStream(stream.labels)
                    for place in places { try add(mapping.entry(place), stream, times, &outcome) }
                case .failure(let problem):
                    let size = places.reduce(0) { $0 + mapping.lineSize($1) }
                    outcome.discard(problem.reason, lines: places.count, bytes: size, problem.message)
                }
            }
        }
        return outcome
    }

    /// The stream of index labels; without any it is that of an unknown service, as in Loki.
    private func labels(
        _ labels: BoundedLabels, _ tenant: String, _ admits: (Labels) -> Bool
    ) -> Result<StreamLabels, PushProblem> {
        do throws(PushProblem) {
            let built = labels.labels
            guard !labels.isOverfull else {
                throw PushProblem(
                    .maxLabelNamesPerSeries,
                    "entry for stream '\(Self.text(built))' has \(labels.count) label names; limit \(limits.maxLabelNamesPerSeries)"
                )
            }
            let named = StreamLabels.withServiceName(built, limits.discoverServiceName)
            let stream = try StreamLabels(named, text: Self.text(named), limits: limits, detector: detector)
            guard admits(stream.labels) else { throw streamLimit(Self.text(named), tenant) }
            return .success(stream)
        } catch {
            return .failure(error)
        }
    }

    private static func text(_ labels: Labels) -> String {
        Bytes.of("\(labels)") { PushProblem.excerpt($0) }
    }

    private func add(
        _ entry: OTLPLogMapping.Entry, _ stream: StreamLabels, _ times: ClosedRange<Int64>,
        _ outcome: inout PushOutcome
    ) throws(LogStorageError) {
        if let reason = refusal(entry.timestamp, size: entry.line.count, times) {
            return outcome.discard(
                reason, lines: 1, bytes: entry.line.count,
                explanation(
                    reason, entry.timestamp, size: entry.line.count, times, stream: Self.text(stream.labels)))
        }
        let (size, count) = (entry.metadata.size, entry.metadata.count)
        if let reason = metadataRefusal(size: size, count: count)
            ?? (entry.metadata.isOverfull ? .metadataTooMany : nil)
        {
            return outcome.discard(
                reason, lines: 1, bytes: entry.line.count,
                metadataExplanation(reason, size: size, count: count, stream: Self.text(stream.labels)))
        }
        var metadata = entry.metadata.labels
        try entry.line.withUnsafeBufferPointer { (line: UnsafeBufferPointer<UInt8>) throws(LogStorageError) in
            let line = cut(UnsafeRawBufferPointer(line))
            if let detector {
                let ofSeverity = entry.severityNumber > 0 ? LogLevel(severityNumber: entry.severityNumber) : nil
                metadata = Self.withLevel(metadata, stream.level ?? ofSeverity, line, detector)
            }
            try store(entry.timestamp, line, metadata.bytes, &outcome)
        }
    }
}
