package import MartletCore
package import Peers

/// What a server says on Loki's `/loki/api/v1/tail` at a time.
package struct TailMessage {
    /// A line that the server has not sent.
    package struct Dropped {
        /// The labels of its stream.
        package let labels: Labels
        /// Unix nanoseconds; nil where the server does not say so.
        package let time: Int64?
    }

    /// The lines.
    package private(set) var page = LogPage()
    /// What was dropped because it was not read fast enough, or some of it.
    package private(set) var dropped: [Dropped] = []

    /// Reads a message.
    package init(_ message: [UInt8]) throws {
        try message.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer)
            try reader.beginObject()
            while try reader.nextKey() {
                if reader.isKey("streams"), try reader.peek() == .array {
                    try page.readStreams(&reader)
                } else if reader.isKey("dropped_entries"), try reader.peek() == .array {
                    try reader.beginArray()
                    while try reader.nextElement() { dropped.append(try Self.dropped(&reader)) }
                } else {
                    try reader.skipValue()
                }
            }
            try reader.end()
        }
    }

    private static func dropped(_ reader: inout JSONReader) throws -> Dropped {
        var labels = Labels()
        var time: Int64?
        try reader.beginObject()
        while try reader.nextKey() {
            if reader.isKey("labels") {
                labels = try reader.labels()
            } else if reader.isKey("timestamp"), try reader.peek() == .string {
                let text = try reader.string()
                time = Int64(text) ?? RFC3339.parse(text)?.unixNanoseconds
            } else {
                try reader.skipValue()
            }
        }
        return Dropped(labels: labels, time: time)
    }

    /// What to tell of the dropped lines; nil when there are none.
    package var warning: String? {
        guard let first = dropped.first else { return nil }
        let time = first.time.map { " at \(RFC3339.format(unixNanoseconds: $0))" } ?? ""
        return "the server has dropped lines, as they were not read fast enough: "
            + "\(dropped.count == 1 ? "one" : "\(dropped.count)") or more, such as of \(first.labels)\(time)"
    }
}
