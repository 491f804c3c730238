package import MartletCore

extension LokiPush {
    /// Builds the protobuf body of a push, stream by stream.
    package struct Encoder {
        private var writer: ProtoWriter

        /// An empty push of about `capacity` bytes.
        package init(capacity: Int = 4096) {
            writer = ProtoWriter(capacity: capacity)
        }

        /// The body so far, before compression.
        package var bytes: [UInt8] { writer.bytes }

        /// One line of a stream.
        package struct Line: Sendable, Hashable {
            /// Nanoseconds since the Unix epoch.
            package var timestamp: Int64
            /// The line.
            package var line: [UInt8]
            /// Structured metadata.
            package var metadata: Labels

            /// A line, without metadata unless given.
            package init(timestamp: Int64, line: [UInt8], metadata: Labels = Labels()) {
                self.timestamp = timestamp
                self.line = line
                self.metadata = metadata
            }
        }

        /// Adds a stream with its lines.
        package mutating func stream(_ labels: Labels, _ lines: some Sequence<Line>) {
            var text: [UInt8] = []
            LabelText.append(labels, to: &text)
            writer.message(1) { writer in
                writer.bytes(1, text)
                for line in lines {
                    writer.message(2) { entry in
                        entry.message(1) { time in
                            let (seconds, nanos) = line.timestamp.flooredDivision(by: 1_000_000_000)
                            if seconds != 0 { time.int64(1, seconds) }
                            if nanos != 0 { time.int64(2, nanos) }
                        }
                        if !line.line.isEmpty { entry.bytes(2, line.line) }
                        line.metadata.forEach { name, value in
                            entry.message(3) { pair in
                                pair.bytes(1, name)
                                pair.bytes(2, value)
                            }
                        }
                    }
                }
            }
        }
    }
}

extension Int64 {
    /// Quotient and remainder with a remainder that is never negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
