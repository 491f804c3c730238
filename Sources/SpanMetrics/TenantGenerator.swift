package import Durable
package import MartletCore
package import RemoteStorage

/// Makes metrics of one tenant's spans. What it counts is in memory; a collection writes it to the tenant's log.
package final class TenantGenerator: Sendable {
    private struct State {
        var counter: SpanCounter
        /// Time of the last collection that was written; milliseconds.
        var collectedMs: Int64
        var charged = 0
        var hasRestored = false
    }

    private let budget: MemoryBudget
    private let state: Lock<State>
    /// One collection at a time.
    private let collecting = Lock(())

    /// - Parameters:
    ///   - instance: the writer that all series name in `__metrics_gen_instance`.
    ///   - startMs: before it this process has counted nothing.
    package init(
        _ config: GeneratorConfig, tenant: String, instance: String, budget: MemoryBudget, startMs: Int64
    ) {
        self.budget = budget
        let plan = SpanPlan(config, tenant: tenant, instance: instance)
        state = Lock(State(counter: SpanCounter(plan, budget: budget), collectedMs: startMs))
    }

    deinit { budget.release(state.withLock { $0.charged }) }

    /// Counts the spans of an ExportTraceServiceRequest in protobuf that the store has taken. It neither waits for the disk nor
    /// fails.
    ///
    /// - Parameters:
    ///   - rejected: ordinals of the spans that the store has refused, ascending.
    ///   - now: arrival, Unix nanoseconds.
    package func add(_ body: [UInt8], rejected: [Int], now: UInt64) {
        state.withLock { state in
            body.withUnsafeBytes { state.counter.take($0, rejected: rejected, now: now) }
            charge(&state)
        }
    }

    private func charge(_ state: inout State) {
        let memory = state.counter.memory
        if memory > state.charged {
            budget.charge(memory - state.charged)
        } else {
            budget.release(state.charged - memory)
        }
        state.charged = memory
    }

    /// What it has done, and the series that it has.
    package var statistics: (counts: GeneratorCounts, series: Int) {
        state.withLock { ($0.counter.counts, $0.counter.seriesCount) }
    }

    /// Goes on with what the process before has counted, the first time. Returns why its file cannot be used; counts begin
    /// with zero then.
    package func restore(
        from path: String, on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(DurableError) -> String? {
        if state.withLock({ $0.hasRestored }) { return nil }
        var problem: String?
        var found: GeneratorState?
        if try fileSystem.exists(path) {
            let file = try fileSystem.open(path, .read)
            let bytes = try file.read(count: Int(try file.size()), at: 0)
            do throws(GeneratorState.Damage) {
                found = try GeneratorState(decoding: bytes)
            } catch {
                problem = "\(error)"
            }
        }
        let known = found
        state.withLock { state in
            // Another collection may have been here meanwhile, whose caller did not wait for it.
            guard !state.hasRestored else { return }
            state.hasRestored = true
            guard let known else { return }
            state.counter.restore(known)
            state.collectedMs = max(state.collectedMs, known.timeMs)
            charge(&state)
        }
        return problem
    }

    /// Writes the counts to their file, and then all series with `write`. After a failure they are written with the next
    /// collection.
    package func collect(
        statePath: String, nowMs: Int64, on fileSystem: any FileSystem = DiskFileSystem(),
        write: ([ForwardedSeries]) throws(DurableError) -> Void
    ) throws(DurableError) {
        try collecting.withLock { (_: inout Void) throws(DurableError) in
            let collection = state.withLock { state in
                // Also when the clock was set back.
                state.counter.beginCollection(
                    timeMs: max(nowMs, state.collectedMs + 2), zeroMs: state.collectedMs + 1)
            }
            do throws(DurableError) {
                let series = collection.series
                if !series.isEmpty {
                    try AtomicFile.publish(statePath, collection.state, on: fileSystem)
                    try write(series)
                }
            } catch {
                state.withLock { $0.counter.counts.failedCollections += 1 }
                throw error
            }
            state.withLock { state in
                state.counter.endCollection(collection)
                state.collectedMs = collection.timeMs
                charge(&state)
            }
        }
    }
}
