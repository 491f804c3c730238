import Checking
import Logging
import MartletCore
import PromQL
import PromQLTesting
import Rules
import SampleMath
import Service

/// A group over a memory, evaluated step by step.
struct RuleFixture {
    let memory = RuleMemory()
    let sent = Lock<[AlertNotification]>([])
    var context: RuleContext

    init() {
        context = RuleContext(
            engine: Engine(), source: memory, sink: memory, threads: nil,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        context.notify = { [sent] alerts in sent.withLock { $0 += alerts } }
    }

    func group(
        _ yaml: String, intervalMs: Int64 = 60_000, restores: Bool = false, replacing: RuleGroup? = nil
    ) throws -> RuleGroup {
        let document = try ConfigDocument(text: "groups:\n- name: g\n  rules:\n\(yaml)", file: "r.yml")
        let file = try RuleFile(document, options: Parser.Options())
        return RuleGroup(
            file.groups[0], file: "r.yml", intervalMs: intervalMs, context, restores: restores, replacing: replacing)
    }

    func add(_ text: String, _ timeMs: Int64, _ value: Double) throws {
        memory.load(try SeriesNotation.labels(text), .value(value), atMs: timeMs)
    }

    /// The value of a series at a time, "stale" for a marker and nil for nothing.
    func value(_ text: String, _ timeMs: Int64) throws -> String? {
        guard let sample = memory.sample(try SeriesNotation.labels(text), atMs: timeMs) else { return nil }
        return StaleNaN.isStale(sample.value) ? "stale" : FloatText.string(sample.value)
    }
}
