import NIOCore

/// Runs the jobs of a connection's task on the connection's event loop, so that bytes that arrive and a task that waits
/// for them meet on one thread and none has to be woken.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Never at once, even on the loop itself: whoever resumes a task may be in the middle of a channel's event.
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
