import MartletCore

/// The value of `detected_level`.
enum LogLevel: String, CaseIterable, Sendable {
    case unknown, trace, debug, info, warn, error, critical, fatal

    /// The name of the metadata it is stored under.
    static let name = "detected_level"

    /// `detected_level="…"` in `Labels`' encoding.
    var metadata: [UInt8] { Self.encodings[self] ?? [] }

    private static let encodings: [LogLevel: [UInt8]] = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0, Labels([(name, $0.rawValue)]).bytes) })

    /// The longest name a level goes by, `information`.
    static let maxNameBytes = 11

    /// The level that a field's value names, in any case; nil when it names none.
    init?(value: UnsafeRawBufferPointer) {
        guard (3...Self.maxNameBytes).contains(value.count) else { return nil }
        var lower: (UInt64, UInt64) = (0, 0)
        for (index, byte) in value.enumerated() {
            let folded = UInt64(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
            if index < 8 {
                lower.0 |= folded << UInt64(8 * index)
            } else {
                lower.1 |= folded << UInt64(8 * (index - 8))
            }
        }
        for (text, level) in Self.spellings where text == lower {
            self = level
            return
        }
        return nil
    }

    /// The names levels go by, packed into two words.
    private static let spellings: [((UInt64, UInt64), LogLevel)] = [
        ("info", .info), ("error", .error), ("warn", .warn), ("debug", .debug), ("warning", .warn), ("err", .error),
        ("trace", .trace), ("trc", .trace), ("dbg", .debug), ("inf", .info), ("information", .info), ("wrn", .warn),
        ("critical", .critical), ("fatal", .fatal), ("verbose", .trace),
    ].map { text, level in
        var packed: (UInt64, UInt64) = (0, 0)
        for (index, byte) in text.utf8.enumerated() {
            if index < 8 {
                packed.0 |= UInt64(byte) << UInt64(8 * index)
            } else {
                packed.1 |= UInt64(byte) << UInt64(8 * (index - 8))
            }
        }
        return (packed, level)
    }

    /// The level of an OTLP severity number (1–24).
    init(severityNumber: Int32) {
        switch severityNumber {
        case 1...4: self = .trace
        case 5...8: self = .debug
        case 9...12: self = .info
        case 13...16: self = .warn
        case 17...20: self = .error
        case 21...24: self = .fatal
        default: self = .unknown
        }
    }
}
