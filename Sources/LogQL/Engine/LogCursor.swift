package import MartletCore

/// A place in the lines of a log query that are given page by page: behind the lines of earlier times (later ones when the
/// newest come first), and of those with the same time behind the ones with a lower hash. So that no line is lost or given
/// twice between two pages, however many have one time and wherever they lie by then.
package struct LogCursor: Sendable, Hashable {
    /// Nanoseconds of the last line that was given.
    package let time: Int64
    /// Its hash.
    let hash: UInt64
    /// How many lines that are equal to it were given.
    let count: Int

    init(time: Int64, hash: UInt64, count: Int) {
        self.time = time
        self.hash = hash
        self.count = count
    }

    /// Reads `text`; nil when it is no cursor.
    package init?(text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.version, let time = UInt64(parts[1], radix: 16),
            let hash = UInt64(parts[2], radix: 16), let count = Int(parts[3], radix: 16), count > 0,
            count <= Int(UInt32.max)
        else { return nil }
        self.init(time: Int64(bitPattern: time), hash: hash, count: count)
    }

    /// As clients get it and give it back.
    package var text: String {
        [
            Self.version, String(UInt64(bitPattern: time), radix: 16), String(hash, radix: 16),
            String(count, radix: 16),
        ].joined(separator: "-")
    }

    private static let version = "1"
}

/// Some lines of a log query, and where the next ones begin.
package struct LogPage: Sendable {
    /// The lines in the order of the query.
    package let lines: [Line]
    /// The place behind them; nil when there are no more.
    package let next: LogCursor?

    /// A line with the stream that it is of.
    package struct Line: Sendable, Hashable {
        /// Stream labels only.
        package let stream: Labels
        /// The line with its own labels.
        package let entry: LogStreams.Entry
    }

    /// The lines by stream.
    package var streams: LogStreams { LogStreams(lines.map { ($0.stream, $0.entry) }) }
}
