extension RemoteRead {
    /// What is asked for (`prometheus.ReadRequest`).
    package struct Request: Sendable, Hashable {
        /// How a label must be.
        package struct Matcher: Sendable, Hashable {
            /// 0 equal, 1 not equal, 2 matches, 3 does not match.
            package var type: Int32
            package var name: String
            package var value: String

            /// A matcher.
            package init(type: Int32 = 0, name: String = "", value: String = "") {
                self.type = type
                self.name = name
                self.value = value
            }
        }

        /// What the samples are for; times in milliseconds.
        package struct Hints: Sendable, Hashable {
            package var stepMs: Int64 = 0
            package var function = ""
            package var startMs: Int64 = 0
            package var endMs: Int64 = 0
            package var rangeMs: Int64 = 0

            /// No hints.
            package init() {}
        }

        /// One selection; times are milliseconds, inclusive.
        package struct Query: Sendable, Hashable {
            package var startMs: Int64 = 0
            package var endMs: Int64 = 0
            package var matchers: [Matcher] = []
            package var hints: Hints?

            /// Nothing yet.
            package init() {}
        }

        package var queries: [Query] = []
        /// Numbers of `ResponseType`, the most wanted first; there may be some that nobody knows here.
        package var acceptedTypes: [Int32] = []

        /// Asks for nothing yet.
        package init() {}

        /// Decodes a body, decompressed.
        package init(protobuf bytes: UnsafeRawBufferPointer) throws(WireError) {
            var cursor = ProtoCursor(bytes)
            while try cursor.next() {
                switch cursor.field {
                case 1: queries.append(try Self.query(&cursor))
                case 2: try readTypes(&cursor)
                default: try cursor.skip()
                }
            }
        }

        /// Kinds beyond the first few are passed over: there are two.
        private mutating func readTypes(_ cursor: inout ProtoCursor) throws(WireError) {
            let limit = 16
            guard cursor.wireType == .delimited else {
                let type = try cursor.int32()
                if acceptedTypes.count < limit { acceptedTypes.append(type) }
                return
            }
            var packed = ProtoCursor(cursor.bytes, try cursor.delimited())
            while packed.position < packed.end, acceptedTypes.count < limit {
                acceptedTypes.append(Int32(truncatingIfNeeded: try packed.varint()))
            }
        }

        private static func query(_ cursor: inout ProtoCursor) throws(WireError) -> Query {
            var message = try cursor.message()
            var query = Query()
            while try message.next() {
                switch message.field {
                case 1: query.startMs = try message.int64()
                case 2: query.endMs = try message.int64()
                case 3: query.matchers.append(try matcher(&message))
                case 4: query.hints = try hints(&message)
                default: try message.skip()
                }
            }
            return query
        }

        private static func matcher(_ cursor: inout ProtoCursor) throws(WireError) -> Matcher {
            var message = try cursor.message()
            var matcher = Matcher()
            while try message.next() {
                switch message.field {
                case 1: matcher.type = try message.int32()
                case 2: matcher.name = try message.stringRange().text(in: message.bytes)
                case 3: matcher.value = try message.stringRange().text(in: message.bytes)
                default: try message.skip()
                }
            }
            return matcher
        }

        private static func hints(_ cursor: inout ProtoCursor) throws(WireError) -> Hints {
            var message = try cursor.message()
            var hints = Hints()
            while try message.next() {
                switch message.field {
                case 1: hints.stepMs = try message.int64()
                case 2: hints.function = try message.stringRange().text(in: message.bytes)
                case 3: hints.startMs = try message.int64()
                case 4: hints.endMs = try message.int64()
                case 7: hints.rangeMs = try message.int64()
                default: try message.skip()
                }
            }
            return hints
        }

        /// The body, before compression.
        package func protobuf() -> [UInt8] {
            var writer = ProtoWriter()
            for query in queries { writer.message(1) { Self.write(query, to: &$0) } }
            writer.packedUInt64(2, acceptedTypes.map { UInt64(bitPattern: Int64($0)) })
            return writer.bytes
        }

        private static func write(_ query: Query, to writer: inout ProtoWriter) {
            writer.int64(1, query.startMs)
            writer.int64(2, query.endMs)
            for matcher in query.matchers {
                writer.message(3) { message in
                    if matcher.type != 0 { message.int64(1, Int64(matcher.type)) }
                    message.string(2, matcher.name)
                    message.string(3, matcher.value)
                }
            }
            guard let hints = query.hints else { return }
            writer.message(4) { message in
                message.int64(1, hints.stepMs)
                message.string(2, hints.function)
                message.int64(3, hints.startMs)
                message.int64(4, hints.endMs)
                message.int64(7, hints.rangeMs)
            }
        }
    }
}
