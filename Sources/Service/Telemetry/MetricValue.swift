import CoreMetrics
import MartletCore
import Synchronization
import Wire

/// Something that a registry shows.
protocol MetricValue: AnyObject, Sendable {
    func write(labels: [(name: String, value: String)], to writer: inout ExpositionWriter)
}

/// A counter or gauge: one number.
final class ScalarMetric: MetricValue, CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func add(_ amount: Double) {
        var current = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: current) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: current, desired: sum, ordering: .relaxed)
            if exchanged { return }
            current = original
        }
    }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func set(_ value: Int64) { set(Double(value)) }
    func increment(by amount: Int64) { add(Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func reset() { set(0.0) }

    func write(labels: [(name: String, value: String)], to writer: inout ExpositionWriter) {
        writer.sample(labels: labels, value: value)
    }
}

/// A histogram with fixed buckets.
final class HistogramMetric: MetricValue, RecorderHandler, TimerHandler {
    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let scale: Double
    private let state: Lock<State>

    /// - Parameters:
    ///   - bounds: upper bounds, ascending, without infinity.
    ///   - scale: what one recorded unit is in the unit shown; a timer's nanoseconds have 1e-9.
    init(bounds: [Double], scale: Double) {
        self.bounds = bounds
        self.scale = scale
        state = Lock(State(counts: [UInt64](repeating: 0, count: bounds.count + 1)))
    }

    func observe(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func record(_ value: Int64) { observe(Double(value) * scale) }
    func record(_ value: Double) { observe(value * scale) }
    func recordNanoseconds(_ duration: Int64) { observe(Double(duration) * scale) }

    func write(labels: [(name: String, value: String)], to writer: inout ExpositionWriter) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? "\(bounds[index])" : "+Inf"
            let text = bound.hasSuffix(".0") ? String(bound.dropLast(2)) : bound
            writer.sample(suffix: "_bucket", labels: labels + [("le", text)], value: Double(total))
        }
        writer.sample(suffix: "_sum", labels: labels, value: sum)
        writer.sample(suffix: "_count", labels: labels, value: Double(total))
    }
}
