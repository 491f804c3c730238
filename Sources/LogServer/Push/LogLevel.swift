import MartletCore

/// The value of `detected_level`.
enum LogLevel: Int, CaseIterable, Sendable {
    case unknown, trace, debug, info, warn, error, critical, fatal

    /// Its name.
    var name: String { Self.names[rawValue] }

    private static let names = allCases.map { "\($0)" }

    /// The name of the metadata it is stored under.
    static let label = "detected_level"

    /// `detected_level="…"` in `Labels`' encoding, by level. Who needs them for every line keeps them: a look at a static
    /// costs more than the rest.
    static let encodings: [[UInt8]] = allCases.map { Labels([(label, $0.name)]).bytes }

    /// The longest name a level goes by, `information`.
    static let maxNameBytes = 11

    /// The level that a field's value names, in any case; nil when it names none.
    init?(value: UnsafeRawBufferPointer) {
        guard (3...Self.maxNameBytes).contains(value.count) else { return nil }
        // Its first eight bytes and the others, the first one lowest.
        var lower: (UInt64, UInt64) = (0, 0)
        for (index, byte) in value.enumerated() {
            let folded = UInt64(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
            if index < 8 {
                lower.0 |= folded << UInt64(8 * index)
            } else {
                lower.1 |= folded << UInt64(8 * (index - 8))
            }
        }
        // The names levels go by, packed in the same way.
        switch lower {
        // info, inf, information
        case (0x6F66_6E69, 0), (0x66_6E69, 0), (0x7461_6D72_6F66_6E69, 0x6E_6F69): self = .info
        // error, err
        case (0x72_6F72_7265, 0), (0x72_7265, 0): self = .error
        // warn, warning, wrn
        case (0x6E72_6177, 0), (0x67_6E69_6E72_6177, 0), (0x6E_7277, 0): self = .warn
        // debug, dbg
        case (0x67_7562_6564, 0), (0x67_6264, 0): self = .debug
        // trace, trc, verbose
        case (0x65_6361_7274, 0), (0x63_7274, 0), (0x65_736F_6272_6576, 0): self = .trace
        // critical
        case (0x6C61_6369_7469_7263, 0): self = .critical
        // fatal
        case (0x6C_6174_6166, 0): self = .fatal
        default: return nil
        }
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
