import Durable
import Logging
import MartletCore
import Rules
import Service

/// The last samples of `ALERTS` and `ALERTS_FOR_STATE` of one tenant, in a file: what a metric server reads back from its store
/// after a restart. The file is replaced as a whole.
final class AlertStateFile: AlertHistory, Sendable {
    private struct State {
        var samples: [Labels: (timeMs: Int64, value: Double)] = [:]
        var isChanged = false
        var isFailing = false
    }

    private static let fileLimit = 256 << 20

    private let path: String
    /// What ended longer ago is nobody's business any more.
    private let toleranceMs: Int64
    private let fileSystem: any FileSystem
    private let logger: Logger
    private let state: Lock<State>

    /// Reads the file, if there is one. A damaged one is put up with: alerts begin anew. Blocks on the disk.
    init(_ path: String, toleranceMs: Int64, fileSystem: any FileSystem = DiskFileSystem(), logger: Logger) {
        self.path = path
        self.toleranceMs = toleranceMs
        self.fileSystem = fileSystem
        self.logger = logger
        var state = State()
        do {
            if try fileSystem.exists(path) {
                state.samples = Self.decode(try JSONValue(parsing: fileSystem.read(path, limit: Self.fileLimit)))
            }
        } catch {
            logger.error("alerts cannot be restored", metadata: ["file": "\(path)", "error": "\(error)"])
        }
        self.state = Lock(state)
    }

    /// Takes those of the samples that are about alerts; a staleness marker ends a series.
    func note(_ samples: [RuleSample]) {
        let alerts = samples.filter { sample in
            sample.labels[Labels.metricName].map(AlertSeries.names.contains) ?? false
        }
        guard !alerts.isEmpty else { return }
        state.withLock { state in
            for sample in alerts {
                state.samples[sample.labels] = sample.isEnd ? nil : (sample.timeMs, sample.value)
            }
            state.isChanged = true
        }
    }

    /// Writes what has changed. Failures are logged when they begin; what could not be written is tried again. Blocks on
    /// the disk.
    func save() {
        let samples = state.withLock { state -> [Labels: (timeMs: Int64, value: Double)]? in
            guard state.isChanged else { return nil }
            state.isChanged = false
            // A time of a damaged file may be any number.
            let (oldest, overflow) = (state.samples.values.map(\.timeMs).max() ?? 0)
                .subtractingReportingOverflow(toleranceMs)
            if !overflow { state.samples = state.samples.filter { $0.value.timeMs >= oldest } }
            return state.samples
        }
        guard let samples else { return }
        do {
            try fileSystem.makeDirectories(FilePath.parent(of: path))
            try AtomicFile.publish(path, Self.encode(samples), on: fileSystem)
            state.withLock { $0.isFailing = false }
        } catch {
            let isNew = state.withLock { state in
                defer { state.isFailing = true }
                state.isChanged = true
                return !state.isFailing
            }
            guard isNew else { return }
            logger.error(
                "the state of alerts cannot be written; it is tried again every second",
                metadata: ["file": "\(path)", "error": "\(error)"])
        }
    }

    func lastSamples(
        matching matchers: [Matcher], fromMs startMs: Int64, toMs endMs: Int64
    ) throws(RuleError) -> [Labels: (timeMs: Int64, value: Double)] {
        state.withLock { $0.samples }.filter { labels, sample in
            (startMs...max(startMs, endMs)).contains(sample.timeMs) && matchers.allSatisfy { $0.matches(labels) }
        }
    }

    // MARK: The file

    private static func encode(_ samples: [Labels: (timeMs: Int64, value: Double)]) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        for (labels, sample) in samples.sorted(by: { $0.key < $1.key }) {
            json.beginObject()
            json.key("labels")
            json.labels(labels)
            json.key("time_ms")
            json.int(Int(sample.timeMs))
            json.key("value")
            json.double(sample.value)
            json.endObject()
        }
        json.endArray()
        return json.bytes
    }

    private static func decode(_ json: JSONValue) -> [Labels: (timeMs: Int64, value: Double)] {
        var samples: [Labels: (timeMs: Int64, value: Double)] = [:]
        for item in json.array ?? [] {
            guard let labels = item["labels"]?.object, let time = item["time_ms"]?.int64,
                let value = item["value"]?.double
            else { continue }
            samples[Labels(labels.map { ($0.key, $0.value.string ?? "") })] = (time, value)
        }
        return samples
    }
}
