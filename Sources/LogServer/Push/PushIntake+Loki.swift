import LogStorage
import MartletCore
import Wire

extension PushIntake {
    /// A push of which everything may be stored just as it was sent, in `body`; nil for one that must be looked at line by
    /// line, with `outcome`.
    func asSent(
        _ push: LokiPush.PushRequest, body: UnsafeRawBufferPointer, tenant: String, admits: (Labels) -> Bool
    ) -> PushOutcome? {
        guard push.metadata.isEmpty, push.bytes.count + body.count <= LogRecord.maxBytes / 2 else { return nil }
        let times = acceptedTimes()
        var streams: [Labels] = []
        streams.reserveCapacity(push.streams.count)
        var levels = [UInt8](repeating: 0, count: push.entries.count)
        let isSound = push.bytes.withUnsafeBytes { bytes in
            for stream in push.streams {
                guard case .success(let found) = labels(stream.labels.bytes(in: bytes), tenant, admits) else {
                    return false
                }
                streams.append(found.labels)
                for index in stream.entries {
                    let entry = push.entries[index]
                    let size = Int(entry.line.count)
                    guard refusal(entry.timestamp, size: size, times) == nil, !isCut(size: size) else { return false }
                    guard let detector else { continue }
                    let level = found.level ?? detector.level(of: entry.line.bytes(in: bytes))
                    levels[index] = UInt8(truncatingIfNeeded: level.rawValue)
                }
            }
            return true
        }
        guard isSound else { return nil }
        let sets = detector == nil ? [[]] : LogLevel.encodings
        let sent = SentPush(push, streams: streams, sets: sets, setOfEntry: levels, body: body)
        // Many small lines take more memory as they were sent than in a record that is built.
        return sent.size <= LogRecord.maxBytes ? PushOutcome(sent, streams: push.streams.count) : nil
    }

    /// The lines of a Loki push that may be stored. Throws when they are more than one record may have.
    func outcome(
        _ push: LokiPush.PushRequest, tenant: String, admits: (Labels) -> Bool
    ) throws(LogStorageError) -> PushOutcome {
        var outcome = PushOutcome(
            capacity: min(LogRecord.maxBytes, push.bytes.count + push.entries.count * 24))
        let times = acceptedTimes()
        // The typed accessor keeps the error's type.
        try push.bytes.withUnsafeBufferPointer { (buffer: UnsafeBufferPointer<UInt8>) throws(LogStorageError) in
            let bytes = UnsafeRawBufferPointer(buffer)
            for stream in push.streams {
                let text = stream.labels.bytes(in: bytes)
                outcome.streams += 1
                switch labels(text, tenant, admits) {
                case .success(let labels):
                    outcome.expectStream(labels.labels)
                    try add(push, stream, labels, bytes, times, &outcome)
                case .failure(let problem):
                    let size = push.entries[stream.entries].reduce(0) { $0 + Int($1.line.count) }
                    outcome.discard(problem.reason, lines: stream.entries.count, bytes: size, problem.message)
                }
            }
        }
        return outcome
    }

    private func labels(
        _ text: UnsafeRawBufferPointer, _ tenant: String, _ admits: (Labels) -> Bool
    ) -> Result<StreamLabels, PushProblem> {
        do throws(PushProblem) {
            let labels = try cache.labels(text)
            guard admits(labels.labels) else { throw streamLimit(PushProblem.excerpt(text), tenant) }
            return .success(labels)
        } catch {
            return .failure(error)
        }
    }

    private func add(
        _ push: LokiPush.PushRequest, _ stream: LokiPush.PushRequest.Stream, _ labels: StreamLabels,
        _ bytes: UnsafeRawBufferPointer, _ times: ClosedRange<Int64>, _ outcome: inout PushOutcome
    ) throws(LogStorageError) {
        for index in stream.entries {
            let entry = push.entries[index]
            var line = entry.line.bytes(in: bytes)
            if let reason = refusal(entry.timestamp, size: line.count, times) {
                outcome.discard(
                    reason, lines: 1, bytes: line.count,
                    explanation(
                        reason, entry.timestamp, size: line.count, times,
                        stream: PushProblem.excerpt(stream.labels.bytes(in: bytes))))
                continue
            }
            line = cut(line)
            var metadata = Labels()
            if !entry.metadata.isEmpty {
                let pairs = push.metadata[entry.metadata]
                let size = pairs.reduce(0) { $0 + Int($1.name.count) + Int($1.value.count) }
                if let reason = metadataRefusal(size: size, count: pairs.count) {
                    outcome.discard(
                        reason, lines: 1, bytes: line.count,
                        metadataExplanation(
                            reason, size: size, count: pairs.count,
                            stream: PushProblem.excerpt(stream.labels.bytes(in: bytes))))
                    continue
                }
                metadata = Self.metadata(pairs, in: bytes)
            }
            guard let detector else {
                try store(entry.timestamp, line, metadata.bytes, &outcome)
                continue
            }
            guard metadata.isEmpty else {
                try store(
                    entry.timestamp, line, Self.withLevel(metadata, labels.level, line, detector).bytes, &outcome)
                continue
            }
            try store(
                entry.timestamp, line, detector.metadata(labels.level ?? detector.level(of: line)), &outcome)
        }
    }

    /// A line's metadata under names that queries can name.
    private static func metadata(_ pairs: ArraySlice<LabelRange>, in bytes: UnsafeRawBufferPointer) -> Labels {
        if pairs.allSatisfy({ MetadataName.isNormal($0.name.bytes(in: bytes)) }) { return Labels(pairs, in: bytes) }
        var names: [UInt8] = []
        var ends = [0]
        for pair in pairs {
            names += MetadataName.normal(pair.name.bytes(in: bytes))
            ends.append(names.count)
        }
        return names.withUnsafeBytes { names in
            var assembly = LabelAssembly()
            for (index, pair) in pairs.enumerated() where ends[index] < ends[index + 1] {
                assembly.add(
                    UnsafeRawBufferPointer(rebasing: names[ends[index]..<ends[index + 1]]), pair.value.bytes(in: bytes))
            }
            return assembly.finish()
        }
    }

    /// Takes a line with metadata in `Labels`' encoding.
    func store(
        _ timestamp: Int64, _ line: UnsafeRawBufferPointer, _ metadata: [UInt8], _ outcome: inout PushOutcome
    ) throws(LogStorageError) {
        try metadata.withUnsafeBufferPointer { (metadata: UnsafeBufferPointer<UInt8>) throws(LogStorageError) in
            try outcome.append(timestamp: timestamp, line: line, metadata: UnsafeRawBufferPointer(metadata))
        }
    }
}
