import Glibc

/// A thread that runs a blocking job every so many seconds until it is stopped.
package final class IntervalThread: Sendable {
    private let stopping = Monitor(false)
    private let finished = Monitor(false)
    private let seconds: Double
    private let job: @Sendable () -> Void

    /// Starts the thread; `job` runs every `seconds`, never twice at once.
    package init(seconds: Double, _ job: @escaping @Sendable () -> Void) throws(DurableError) {
        self.seconds = seconds
        self.job = job
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let code = pthread_create(&thread, nil, runIntervalThread, context)
        guard code == 0 else {
            Unmanaged<IntervalThread>.fromOpaque(context).release()
            throw DurableError(errno: code, path: "log", operation: "start sync thread")
        }
        pthread_detach(thread)
    }

    /// Ends the thread; returns when the job runs no more.
    package func stop() {
        requestStop()
        finished.wait { $0 ? () : nil }
    }

    /// Asks the thread to end without waiting, which the job itself may do.
    package func requestStop() {
        stopping.withLock { $0 = true }
        stopping.wakeAll()
    }

    fileprivate func run() {
        while stopping.wait(seconds: seconds, { $0 ? () : nil }) == nil { job() }
        finished.withLock { $0 = true }
        finished.wakeAll()
    }
}

/// A free function, because a closure literal passed to C may inherit an actor's isolation.
private func runIntervalThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<IntervalThread>.fromOpaque(context).takeRetainedValue().run() }
    return nil
}
