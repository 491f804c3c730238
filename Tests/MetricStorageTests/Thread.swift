import Glibc

/// A thread that nobody waits for.
enum Thread {
    static func detach(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        pthread_create(&thread, nil, runJob, Unmanaged.passRetained(Job(body)).toOpaque())
        pthread_detach(thread)
    }
}

private final class Job {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private func runJob(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<Job>.fromOpaque(context).takeRetainedValue().body() }
    return nil
}
