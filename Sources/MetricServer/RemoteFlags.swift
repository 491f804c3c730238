package import ArgumentParser
import RemoteStorage
package import Service

/// Flags about other servers that samples are sent to and read from.
package struct RemoteFlags: ParsableArguments, Sendable {
    @Option(
        name: .customLong("storage.remote.flush-deadline"),
        help: ArgumentHelp(
            "How long samples are still sent on when the server stops or reloads, 30s at most; the rest is sent later.",
            value: .duration))
    package var flushDeadline: FlagDuration = FlagDuration(milliseconds: RemoteWriter.Options().flushDeadlineMs)

    @Option(
        name: .customLong("storage.remote.backlog.time"),
        help: ArgumentHelp(
            "How long the write-ahead log keeps what a receiver of remote_write has not got.", value: .duration))
    package var backlogTime: FlagDuration = FlagDuration(milliseconds: 3 * 86_400_000)

    @Option(
        name: .customLong("storage.remote.backlog.size"),
        help: ArgumentHelp(
            "Bytes of the write-ahead log that are kept for receivers of remote_write; the oldest go beyond that.",
            value: .size))
    package var backlogSize: FlagByteSize = FlagByteSize(bytes: 10 << 30)

    @Option(
        name: .customLong("storage.remote.read-concurrent-limit"),
        help: ArgumentHelp(
            "Requests of remote read that are worked on at a time; more wait. 0 for as many as there may be queries.",
            value: .count)
    )
    package var readConcurrentLimit: Int = 10

    @Option(
        name: .customLong("storage.remote.read-sample-limit"),
        help: ArgumentHelp("Samples of one answer to remote read that is not streamed; 0 for no limit.", value: .count))
    package var readSampleLimit: Int = 50_000_000

    @Option(
        name: .customLong("storage.remote.read-max-bytes-in-frame"),
        help: ArgumentHelp("Bytes of one frame of a streamed answer to remote read, about.", value: .size))
    package var readFrameSize: FlagByteSize = FlagByteSize(bytes: 1 << 20)

    package init() {}

    package mutating func validate() throws {
        guard (0...1000).contains(readConcurrentLimit) else {
            throw ValidationError("--storage.remote.read-concurrent-limit must be within 0 and 1000")
        }
        guard readSampleLimit >= 0 else {
            throw ValidationError("--storage.remote.read-sample-limit must not be negative")
        }
    }

    /// What remote write is run with.
    var writerOptions: RemoteWriter.Options {
        var options = RemoteWriter.Options()
        options.flushDeadlineMs = flushDeadline.milliseconds
        options.backlogMs = backlogTime.milliseconds
        options.backlogBytes = backlogSize.bytes
        return options
    }

    /// For `/api/v1/status/flags`.
    var values: [(name: String, value: String)] {
        [
            ("storage.remote.backlog.size", "\(backlogSize)"), ("storage.remote.backlog.time", "\(backlogTime)"),
            ("storage.remote.flush-deadline", "\(flushDeadline)"),
            ("storage.remote.read-concurrent-limit", "\(readConcurrentLimit)"),
            ("storage.remote.read-max-bytes-in-frame", "\(readFrameSize)"),
            ("storage.remote.read-sample-limit", "\(readSampleLimit)"),
        ]
    }
}
