import Logging
import MartletCore
package import TraceSampling

/// Tail sampling: a generation is written when all of its traces have had their time, without those that are not sampled.
extension TraceStore {
    /// What tail sampling decided since the last time; nil when it is off.
    package func takeSamplingCounts() -> TailSamplingCounts? { tail?.withLock { $0.sampler.takeCounts() } }

    // MARK: When

    /// Bytes of undecided spans in memory beyond which the oldest are decided upon early.
    private var undecidedBytes: Int { max(2 * flushBytes, budget.limit / 4) }

    /// Bytes in memory beyond which spans are refused: what is written would not keep up.
    var heldBytes: Int { 4 * flushBytes + (tail == nil ? 0 : undecidedBytes) }

    /// Bytes in memory beyond which replay goes on into parts.
    var replayBytes: Int { tail == nil ? flushBytes : undecidedBytes }

    /// Ids of traces that were not sampled that are remembered: what is configured, or a 64th of the memory.
    static func notSampledIDs(_ sampling: TailSampling, _ budget: MemoryBudget) -> Int {
        sampling.notSampledCacheSize > 0
            ? sampling.notSampledCacheSize : max(10_000, min(1_000_000, budget.limit / 64 / 32))
    }

    /// Whether a generation has so many traces that it is to end, so that not all are decided upon when they are too many.
    func hasManyTraces(_ generation: Generation) -> Bool {
        guard let limit = options.tail?.maxTraces, limit > 0 else { return false }
        return generation.spans.traceCount >= max(1, limit / 4)
    }

    /// Whether the oldest generation, which has ended, may be written.
    func isDue(_ oldest: Generation, _ state: State, now: UInt64) -> Bool {
        guard let sampling = options.tail else { return true }
        return hasHadItsTime(oldest, sampling, now) || isPressed(state, sampling)
    }

    /// All traces of which a generation has the first span have come before its last arrival.
    private func hasHadItsTime(_ generation: Generation, _ sampling: TailSampling, _ now: UInt64) -> Bool {
        let (due, overflow) = generation.lastArrival.addingReportingOverflow(sampling.wait)
        return !overflow && now >= due
    }

    /// Whether undecided traces are too many, or take too much memory.
    private func isPressed(_ state: State, _ sampling: TailSampling) -> Bool {
        if state.charged > undecidedBytes { return true }
        if state.charged > flushBytes, budget.headroom < budget.limit / 8 { return true }
        guard sampling.maxTraces > 0 else { return false }
        return state.generations.reduce(0) { $0 + $1.spans.traceCount } > sampling.maxTraces
    }

    // MARK: What

    /// The traces of the oldest generation that are left out of its part. Only with `upkeep` held.
    ///
    /// - Parameters:
    ///   - generations: all that are in memory, the oldest first.
    ///   - parts: all that are on disk.
    func omittedTraces(_ generations: [Generation], _ parts: [StoredPart], now: UInt64) -> Set<TraceKey> {
        guard let tail, let sampling = options.tail, let oldest = generations.first else { return [] }
        return tail.withLock { state in
            if let choice = state.choice, choice.segment == oldest.segment { return choice.omitted }
            let begin = ContinuousClock.now
            let omitted = choose(oldest, generations, parts, isEarly: !hasHadItsTime(oldest, sampling, now), &state)
            state.sampler.note(took: begin.duration(to: .now))
            reportFailures(&state)
            state.choice = TailState.Choice(segment: oldest.segment, omitted: omitted)
            charge(&state)
            return omitted
        }
    }

    private func choose(
        _ oldest: Generation, _ generations: [Generation], _ parts: [StoredPart], isEarly: Bool,
        _ state: inout TailState
    ) -> Set<TraceKey> {
        let gathering = TraceGathering(generations)
        var omitted: Set<TraceKey> = []
        var number = 0
        // In the order in which the traces came.
        for table in oldest.spans.tables() {
            for trace in table.box.part.traces where trace.older.isNone {
                let key = TraceKey(high: trace.high, low: trace.low)
                let arrival = oldest.arrivals.time(ofTrace: number)
                number += 1
                // What a part holds was sampled.
                if oldest.spans.shared[key] != nil, parts.contains(where: { $0.trace(key) != nil }) { continue }
                if !state.notSampled.contains(key) {
                    let due = arrival.addingReportingOverflow(options.tail?.wait ?? 0).partialValue
                    if isEarly { state.sampler.noteEarlyTrace() }
                    if state.sampler.decide(gathering.trace(key), at: due) { continue }
                    state.notSampled.add(key)
                }
                omitted.insert(key)
                state.sampler.noteDiscarded(spans: gathering.spansInOldest(key))
            }
        }
        return omitted
    }

    /// Says in the log why conditions of policies could not be evaluated, each reason once.
    private func reportFailures(_ state: inout TailState) {
        for (policy, reasons) in state.sampler.takeFailures() {
            for reason in reasons.sorted() where state.reported.count < TailState.reportLimit {
                guard state.reported.insert("\(policy): \(reason)").inserted else { continue }
                logger.warning(
                    "a condition of tail sampling could not be evaluated for a span",
                    metadata: ["policy": "\(policy)", "error": "\(reason)", "directory": "\(directory)"])
            }
        }
    }

    /// The choice is carried out.
    func forgetChoice() { tail?.withLock { $0.choice = nil } }

    private func charge(_ state: inout TailState) {
        // Where memory is short it is of more use elsewhere: late spans of older traces are decided upon anew.
        if budget.headroom < budget.limit / 16 { state.notSampled.forgetOlder() }
        let memory = state.notSampled.memory
        if memory > state.charged {
            budget.charge(memory - state.charged)
        } else {
            budget.release(state.charged - memory)
        }
        state.charged = memory
    }
}
