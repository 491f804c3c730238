import Wire

/// A prepared span: all of it but ids, times, and the digits that no two spans share.
struct SpanTemplate: Sendable {
    /// What a span is made of.
    struct Content: Sendable {
        var service: Int
        /// The span that caused it, by its number in the trace; nil for the root.
        var parent: Int?
        var name: String
        /// 2 server, 3 client, as OTLP numbers them.
        var kind: Int64
        /// From the beginning of the trace, nanoseconds.
        var start: Int64
        /// Nanoseconds.
        var duration: Int64
        var isError: Bool
        /// Text may have blanks.
        var attributes: [(key: String, value: OTLP.AnyValue)]
    }

    let content: Content
    let bytes: [UInt8]
    private let blanks: [(offset: Int, blanks: Blanks)]
    private let startOffset: Int

    private static let traceIDOffset = 2
    private static let spanIDOffset = 20
    private static let parentOffset = 30

    /// Encodes a span. Its name, keys and values are short: each attribute has less than 128 bytes.
    init(_ content: Content) {
        self.content = content
        var writer = ProtoWriter()
        writer.bytes(1, [UInt8](repeating: 0, count: 16))
        writer.bytes(2, [UInt8](repeating: 0, count: 8))
        if content.parent != nil { writer.bytes(4, [UInt8](repeating: 0, count: 8)) }
        writer.string(5, content.name)
        writer.int64(6, content.kind)
        startOffset = writer.bytes.count + 1
        writer.fixed64(7, 0)
        writer.fixed64(8, 0)
        var blanks: [(offset: Int, blanks: Blanks)] = []
        for (key, value) in content.attributes {
            if case .string(let text) = value {
                let found = Blanks(in: text.withBytes { [UInt8]($0) })
                // Behind four tags with their lengths, and the key.
                if !found.places.isEmpty { blanks.append((writer.bytes.count + 8 + key.utf8.count, found)) }
            }
            writer.message(9) { attribute in
                attribute.string(1, key)
                attribute.message(2) { writer in
                    switch value {
                    case .string(let text): writer.bytes(1, text)
                    case .int(let number): writer.int64(3, number)
                    default: break
                    }
                }
            }
        }
        if content.isError { writer.message(15) { $0.int64(3, 2) } }
        bytes = writer.bytes
        self.blanks = blanks
    }

    /// Fills a copy of the bytes at `span`.
    func fill(
        _ span: UnsafeMutablePointer<UInt8>, trace: OTLP.TraceID, id: UInt64, parent: UInt64, start: Int64,
        duration: Int64
    ) {
        let raw = UnsafeMutableRawPointer(span)
        raw.storeBytes(of: trace.high.bigEndian, toByteOffset: Self.traceIDOffset, as: UInt64.self)
        raw.storeBytes(of: trace.low.bigEndian, toByteOffset: Self.traceIDOffset + 8, as: UInt64.self)
        raw.storeBytes(of: id.bigEndian, toByteOffset: Self.spanIDOffset, as: UInt64.self)
        if content.parent != nil {
            raw.storeBytes(of: parent.bigEndian, toByteOffset: Self.parentOffset, as: UInt64.self)
        }
        raw.storeBytes(of: UInt64(start).littleEndian, toByteOffset: startOffset, as: UInt64.self)
        raw.storeBytes(of: UInt64(start + duration).littleEndian, toByteOffset: startOffset + 9, as: UInt64.self)
        for (offset, blanks) in blanks { blanks.fill(span + offset, id) }
    }
}
