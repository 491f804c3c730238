import MartletCore

/// Silences as bytes: uvarint-counted strings, 64-bit little-endian times.
package enum SilenceCodec {
    /// The magic of a log of silences.
    package static let magic = "martlet-silences 1"

    /// The value stored under the silence's id.
    package static func encode(_ silence: Silence) -> [UInt8] {
        var writer = ByteWriter()
        for time in [silence.startsAt, silence.endsAt, silence.updatedAt] { writer.u64LE(UInt64(bitPattern: time)) }
        string(silence.createdBy, &writer)
        string(silence.comment, &writer)
        writer.uvarint(UInt64(silence.matchers.count))
        for matcher in silence.matchers {
            string(matcher.kind.rawValue, &writer)
            string(matcher.name, &writer)
            string(matcher.value, &writer)
        }
        return writer.bytes
    }

    /// Nil when the bytes are not such a value.
    package static func decode(id: [UInt8], _ bytes: [UInt8]) -> Silence? {
        bytes.withUnsafeBytes { raw in
            var cursor = ByteCursor(raw)
            guard let starts = try? cursor.u64LE(), let ends = try? cursor.u64LE(), let updated = try? cursor.u64LE(),
                let createdBy = string(&cursor), let comment = string(&cursor), let count = try? cursor.uvarint()
            else { return nil }
            var matchers: [Matcher] = []
            for _ in 0..<min(count, 1 << 20) {
                guard let kind = string(&cursor).flatMap({ Matcher.Kind(rawValue: $0) }), let name = string(&cursor),
                    let value = string(&cursor), let matcher = try? Matcher(kind, name, value)
                else { return nil }
                matchers.append(matcher)
            }
            guard cursor.isAtEnd else { return nil }
            return Silence(
                id: String(decoding: id, as: UTF8.self), matchers: matchers, startsAt: Int64(bitPattern: starts),
                endsAt: Int64(bitPattern: ends), updatedAt: Int64(bitPattern: updated), createdBy: createdBy,
                comment: comment)
        }
    }

    private static func string(_ text: String, _ writer: inout ByteWriter) {
        Array(text.utf8).withUnsafeBytes { writer.uvarintBytes($0) }
    }

    private static func string(_ cursor: inout ByteCursor) -> String? {
        guard let bytes = try? cursor.uvarintBytes() else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
