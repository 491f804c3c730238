import Wire

/// Puts the elements of an answer into as many messages as it takes for each to be small: clients refuse large ones (4 MiB
/// unless told otherwise), and put the elements of messages together.
struct MessagePacker {
    private let limit: Int
    private let jobs: StreamedProgress.Jobs
    private let ending: (StreamedProgress.Jobs, inout ProtoWriter) -> Void
    private var messages: [[UInt8]] = []
    private var current = ProtoWriter()

    /// - Parameters:
    ///   - limit: bytes after which a message is full; elements are not divided.
    ///   - ending: writes what each message says beside its elements.
    init(
        limit: Int = 1 << 20, _ jobs: StreamedProgress.Jobs,
        _ ending: @escaping (StreamedProgress.Jobs, inout ProtoWriter) -> Void
    ) {
        self.limit = limit
        self.jobs = jobs
        self.ending = ending
    }

    /// Adds an element, a field of its own.
    mutating func add(_ element: (inout ProtoWriter) -> Void) {
        if current.bytes.count >= limit {
            // Only the last message may say that all is done.
            end(StreamedProgress.Jobs(done: min(jobs.done, jobs.total - 1), total: jobs.total))
        }
        element(&current)
    }

    private mutating func end(_ jobs: StreamedProgress.Jobs) {
        ending(jobs, &current)
        messages.append(current.bytes)
        current = ProtoWriter()
    }

    /// The messages; one when there are no elements.
    consuming func finished() -> [[UInt8]] {
        end(jobs)
        return messages
    }
}
