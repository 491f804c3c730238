import MartletCore

/// Samples that wait for one sender. One task adds, one takes; who adds waits while the shard is full, so that memory stays
/// bounded and the log is read no faster than it is sent.
final class Shard: Sendable {
    private struct State {
        var samples: [QueuedSample] = []
        var oldest: ContinuousClock.Instant?
        var isClosed = false
        var reader: CheckedContinuation<Void, Never>?
        /// The reader wakes when so many samples are there.
        var wanted = 1
        var writer: CheckedContinuation<Void, Never>?
        /// Changes whenever the reader stops waiting, so that a late alarm wakes nobody.
        var wait = 0
    }

    private let capacity: Int
    private let state = Lock(State())

    /// An empty shard that holds `capacity` samples.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Samples that wait.
    var count: Int { state.withLock { $0.samples.count } }

    /// Adds samples, and waits for room. False when the shard was closed before all were in.
    func add(_ samples: [QueuedSample]) async -> Bool {
        var rest = samples[...]
        while true {
            let (reader, isClosed) = state.withLock { state in
                guard !state.isClosed else { return (nil as CheckedContinuation<Void, Never>?, true) }
                let taken = rest.prefix(max(0, capacity - state.samples.count))
                if state.samples.isEmpty, !taken.isEmpty { state.oldest = .now }
                state.samples += taken
                rest = rest.dropFirst(taken.count)
                // A shard smaller than a request never gets as many as the reader wants.
                let isEnough = state.samples.count >= min(state.wanted, capacity)
                return (isEnough && !state.samples.isEmpty ? state.reader.take() : nil, false)
            }
            reader?.resume()
            if isClosed { return rest.isEmpty }
            if rest.isEmpty { return true }
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.isClosed || state.samples.count < capacity { return true }
                    state.writer = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        }
    }

    /// The oldest samples: `limit` of them, or fewer once the first has waited for `deadline` or the shard is closed. Nil
    /// when it is closed and empty.
    func next(_ limit: Int, deadline: Duration) async -> [QueuedSample]? {
        while true {
            let (batch, isClosed, oldest, writer) = state.withLock {
                state -> ([QueuedSample], Bool, ContinuousClock.Instant?, CheckedContinuation<Void, Never>?) in
                let isDue = state.oldest.map { ContinuousClock.now - $0 >= deadline } ?? false
                guard state.samples.count >= min(limit, capacity) || isDue || state.isClosed else {
                    return ([], false, state.oldest, nil)
                }
                let batch = Array(state.samples.prefix(limit))
                state.samples.removeFirst(batch.count)
                state.oldest = state.samples.isEmpty ? nil : .now
                return (batch, state.isClosed, nil, batch.isEmpty ? nil : state.writer.take())
            }
            writer?.resume()
            if !batch.isEmpty { return batch }
            if isClosed { return nil }
            await wait(for: oldest == nil ? 1 : limit, until: oldest.map { $0 + deadline })
        }
    }

    /// Takes nothing more; `next` gives what is in it, unless that is discarded.
    func close(discarding: Bool = false) {
        let (reader, writer) = state.withLock { state in
            state.isClosed = true
            if discarding { state.samples = [] }
            return (state.reader.take(), state.writer.take())
        }
        reader?.resume()
        writer?.resume()
    }

    private func wait(for wanted: Int, until alarm: ContinuousClock.Instant?) async {
        let wait = state.withLock { state in
            state.wait += 1
            return state.wait
        }
        let timer = alarm.map { alarm in
            Task {
                try? await Task.sleep(until: alarm, clock: .continuous)
                self.wake(wait)
            }
        }
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                let isDue = alarm.map { ContinuousClock.now >= $0 } ?? false
                if state.isClosed || isDue || state.samples.count >= min(wanted, capacity) { return true }
                state.reader = continuation
                state.wanted = wanted
                return false
            }
            if goesOn { continuation.resume() }
        }
        timer?.cancel()
    }

    private func wake(_ wait: Int) {
        let reader = state.withLock { state in state.wait == wait ? state.reader.take() : nil }
        reader?.resume()
    }
}
