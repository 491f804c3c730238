package import MartletCore
package import Peers

/// Which lines a tail has shown lately: after an interruption the server is asked again from a time on when nothing can have
/// been missed, and what it then tells a second time is known here.
package struct ShownLines {
    /// A line, by its time and a hash of the rest.
    package struct Key: Hashable, Sendable {
        let time: Int64
        let hash: Int

        /// The key of a line of a stream.
        package init(_ labels: Labels, _ line: LogPage.Line) {
            var hasher = Hasher()
            hasher.combine(labels)
            hasher.combine(line.text)
            time = line.timestamp
            hash = hasher.finalize()
        }
    }

    /// How much later than its time a line may arrive, and still be shown if it arrives while the server is away.
    package static let lateness: Int64 = 30_000_000_000
    /// Keys that are too few to look through.
    private static let small = 1024

    /// From when on lines are to be asked for, in Unix nanoseconds: all before it were shown, or are not wanted.
    package private(set) var resume: Int64
    private var newest: Int64?
    private var keys: Set<Key> = []
    private var limit = small

    /// - Parameter start: Unix nanoseconds; lines before are not wanted.
    package init(from start: Int64) { resume = start }

    /// Whether a line was shown.
    package func contains(_ key: Key) -> Bool { keys.contains(key) }

    /// Notes that a line was shown.
    package mutating func insert(_ key: Key) {
        keys.insert(key)
        newest = max(newest ?? key.time, key.time)
    }

    /// Notes that what is stamped before `moment` has been shown, apart from what arrives late. Clocks of servers and of those
    /// who write may be wrong: a time that is ahead of the latest line's counts for no more than that.
    package mutating func complete(until moment: Int64) {
        guard let newest else { return }
        resume = max(resume, min(newest, moment) - Self.lateness)
        guard keys.count > limit else { return }
        keys = keys.filter { $0.time >= resume }
        limit = max(Self.small, 2 * keys.count)
    }

    /// Lines before `moment` are not wanted, as they were more than were asked for.
    package mutating func forget(before moment: Int64) { resume = max(resume, moment) }
}
