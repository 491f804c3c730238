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
        guard value.count <= 8 else {
            // information: its first eight bytes and its last eight.
            guard value.count == 11, Self.lower(value, 0) == 0x7461_6D72_6F66_6E69,
                Self.lower(value, 3) == 0x6E6F_6974_616D_726F
            else { return nil }
            self = .info
            return
        }
        // Of no other byte than the two cases of a letter this is the letter.
        let mask = UInt64.max >> UInt64(64 - 8 * value.count)
        switch PackedName.pack(value) | 0x2020_2020_2020_2020 & mask {
        // The names levels go by, the first letter lowest: info, inf
        case 0x6F66_6E69, 0x66_6E69: self = .info
        // error, err
        case 0x72_6F72_7265, 0x72_7265: self = .error
        // warn, warning, wrn
        case 0x6E72_6177, 0x67_6E69_6E72_6177, 0x6E_7277: self = .warn
        // debug, dbg
        case 0x67_7562_6564, 0x67_6264: self = .debug
        // trace, trc, verbose
        case 0x65_6361_7274, 0x63_7274, 0x65_736F_6272_6576: self = .trace
        // critical
        case 0x6C61_6369_7469_7263: self = .critical
        // fatal
        case 0x6C_6174_6166: self = .fatal
        default: return nil
        }
    }

    private static func lower(_ value: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: value.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) | 0x2020_2020_2020_2020
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
