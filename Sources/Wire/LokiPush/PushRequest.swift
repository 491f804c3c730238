extension LokiPush {
    /// A decoded push as flat columns. Text is ranges of `bytes`, which the request owns; streams name their entries, and
    /// entries their structured metadata, by consecutive indices.
    package struct PushRequest: Sendable {
        /// A stream: half-open index ranges into the request's columns.
        package struct Stream: Sendable, Hashable {
            /// The labels as Prometheus text, `{a="b", c="d"}`, as the client sent them; from JSON in sorted order.
            package var labels: ByteRange
            /// Into `entries`.
            package var entries: Range<Int>
        }

        /// A log line.
        package struct Entry: Sendable, Hashable {
            /// Nanoseconds since the Unix epoch.
            package var timestamp: Int64
            /// The line.
            package var line: ByteRange
            /// Into `metadata`.
            package var metadata: Range<Int>
        }

        /// What all ranges refer to.
        package private(set) var bytes: [UInt8]
        /// All streams in the order received; the same labels may come twice.
        package private(set) var streams: [Stream] = []
        /// The lines of all streams.
        package private(set) var entries: [Entry] = []
        /// Structured metadata of all lines.
        package private(set) var metadata: [LabelRange] = []
        private var memory: Int
        private let limits: DecodeLimits

        /// Decodes a protobuf body (after decompression), which the request keeps without a copy.
        package init(protobuf body: consuming [UInt8], limits: DecodeLimits = .standard) throws(WireError) {
            guard body.count <= Int(Int32.max) else {
                throw .tooLarge(limit: Int(Int32.max), what: "body of \(body.count) bytes")
            }
            bytes = []
            memory = limits.memory
            self.limits = limits
            try body.withUnsafeBufferPointer { (buffer: UnsafeBufferPointer<UInt8>) throws(WireError) in
                var cursor = ProtoCursor(UnsafeRawBufferPointer(buffer))
                while try cursor.next() {
                    switch cursor.field {
                    case 1: try decodeStream(&cursor)
                    case 2: _ = try cursor.delimited()
                    default: try cursor.skip()
                    }
                }
            }
            bytes = body
        }

        /// An empty request over `bytes`, which a decoder fills.
        init(bytes: [UInt8], limits: DecodeLimits) {
            self.bytes = bytes
            memory = limits.memory
            self.limits = limits
        }

        // MARK: Columns

        mutating func append(_ stream: Stream) throws(WireError) {
            try charge(MemoryLayout<Stream>.stride)
            streams.append(stream)
        }

        mutating func append(_ entry: Entry) throws(WireError) {
            try charge(MemoryLayout<Entry>.stride)
            entries.append(entry)
        }

        mutating func append(_ pair: LabelRange) throws(WireError) {
            try charge(MemoryLayout<LabelRange>.stride)
            metadata.append(pair)
        }

        /// Appends text to `bytes` and gives its range.
        mutating func store(_ text: some Collection<UInt8>) -> ByteRange {
            let start = bytes.count
            bytes.append(contentsOf: text)
            return ByteRange(offset: start, count: bytes.count - start)
        }

        private mutating func charge(_ size: Int) throws(WireError) {
            memory -= size
            if memory < 0 { throw .tooLarge(limit: limits.memory, what: "decoded push in bytes") }
        }

        // MARK: Protobuf

        private mutating func decodeStream(_ cursor: inout ProtoCursor) throws(WireError) {
            var message = try cursor.message()
            var stream = Stream(labels: .init(), entries: entries.count..<entries.count)
            while try message.next() {
                switch message.field {
                case 1: stream.labels = try message.byteRange()
                case 2:
                    let bounds = try message.delimited()
                    if let usual = UsualEntry.read(message.bytes, bounds) {
                        let none = metadata.count..<metadata.count
                        try append(Entry(timestamp: usual.timestamp, line: usual.line, metadata: none))
                    } else {
                        try decodeEntry(ProtoCursor(message.bytes, bounds))
                    }
                case 3: _ = try message.uint64()
                default: try message.skip()
                }
            }
            stream.entries = stream.entries.lowerBound..<entries.count
            try append(stream)
        }

        private mutating func decodeEntry(_ message: ProtoCursor) throws(WireError) {
            var message = message
            var seconds: Int64 = 0
            var nanos: Int32 = 0
            var entry = Entry(timestamp: 0, line: .init(), metadata: metadata.count..<metadata.count)
            let start = message.offset
            while try message.next() {
                switch message.field {
                case 1:
                    var time = try message.message()
                    while try time.next() {
                        switch time.field {
                        case 1: seconds = try time.int64()
                        case 2: nanos = try time.int32()
                        default: try time.skip()
                        }
                    }
                case 2: entry.line = try message.byteRange()
                case 3: try append(try pair(&message))
                // Labels that a query parsed out of the line: in answers only, checked and left out.
                case 4: _ = try pair(&message)
                default: try message.skip()
                }
            }
            let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let (sum, overflow2) = scaled.addingReportingOverflow(Int64(nanos))
            if overflow || overflow2 { throw .malformed(offset: start, what: "timestamp of \(seconds) seconds") }
            entry.timestamp = sum
            entry.metadata = entry.metadata.lowerBound..<metadata.count
            try append(entry)
        }

        private func pair(_ cursor: inout ProtoCursor) throws(WireError) -> LabelRange {
            var message = try cursor.message()
            var pair = LabelRange()
            while try message.next() {
                switch message.field {
                case 1: pair.name = try message.byteRange()
                case 2: pair.value = try message.byteRange()
                default: try message.skip()
                }
            }
            return pair
        }
    }
}
