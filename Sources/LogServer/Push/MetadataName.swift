/// Names of structured metadata and of attributes, forced into the alphabet of labels as Loki does it (`LabelNamer` of
/// github.com/prometheus/otlptranslator), so that queries can name them: what is no letter or digit becomes `_`, several in
/// a row become one, a leading digit gets `key_` in front. Names between two pairs of underscores keep those.
enum MetadataName {
    private static let underscore = UInt8(ascii: "_")

    private static func isPlain(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
    }

    /// Whether `normal` would leave a name as it is. False for a few that it would leave, too.
    static func isNormal(_ name: UnsafeRawBufferPointer) -> Bool {
        guard let first = name.first, first &- UInt8(ascii: "0") >= 10 else { return false }
        var afterUnderscore = false
        for byte in name {
            guard isPlain(byte) || byte == underscore && !afterUnderscore else { return false }
            afterUnderscore = byte == underscore
        }
        return true
    }

    /// The name as it is stored; empty only where `name` is.
    static func normal(_ name: some BidirectionalCollection<UInt8>) -> [UInt8] {
        let frame = [underscore, underscore]
        guard name.count >= 4, name.starts(with: frame), name.reversed().starts(with: frame) else {
            let joined = joined(name)
            guard let first = joined.first, first &- UInt8(ascii: "0") < 10 else { return joined }
            return Array("key_".utf8) + joined
        }
        return frame + joined(name.dropFirst(2).dropLast(2)) + frame
    }

    private static func joined(_ name: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        for byte in name {
            if isPlain(byte) { out.append(byte) } else if out.last != underscore { out.append(underscore) }
        }
        return out
    }
}
