import Glibc

/// A compiled time zone (RFC 9636, TZif): how far local time is off UTC at any moment, and what it is called then.
package struct TimeZoneFile: Sendable, Hashable {
    private let transitions: [Int64]
    private let types: [UInt8]
    private let periods: [Period]
    private let footer: PosixZone?

    /// What holds between two transitions.
    package struct Period: Sendable, Hashable {
        /// Seconds east of UTC.
        package let offset: Int
        /// `CET`; may be a number such as `-03`.
        package let abbreviation: String
    }

    /// UTC.
    package static let utc = TimeZoneFile(
        transitions: [], types: [], periods: [Period(offset: 0, abbreviation: "UTC")], footer: nil)

    /// The machine's own zone, as it was when the process began to ask.
    package static let local = TimeZoneFile(named: "Local") ?? .utc

    private init(transitions: [Int64], types: [UInt8], periods: [Period], footer: PosixZone?) {
        self.transitions = transitions
        self.types = types
        self.periods = periods
        self.footer = footer
    }

    /// The zone of an IANA name such as `Europe/Berlin`; `Local` is the machine's own. Nil when it is unknown.
    package init?(named name: String) {
        if name == "UTC" || name.isEmpty {
            self = .utc
            return
        }
        guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else { return nil }
        let path = name == "Local" ? "/etc/localtime" : "/usr/share/zoneinfo/" + name
        guard let bytes = TimeZoneFile.read(path) else {
            if name == "Local" {
                self = .utc
                return
            }
            return nil
        }
        self.init(bytes)
    }

    /// Parses a file; nil when it is not one, or cut short.
    package init?(_ bytes: [UInt8]) {
        let parsed = bytes.withUnsafeBytes { raw in try? TimeZoneFile.parse(raw) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Seconds east of UTC at a Unix time.
    package func offset(at seconds: Int64) -> Int { period(at: seconds).offset }

    /// What holds at a Unix time.
    package func period(at seconds: Int64) -> Period {
        guard let first = transitions.first, seconds >= first else {
            return periods.first ?? Period(offset: 0, abbreviation: "UTC")
        }
        if let last = transitions.last, seconds >= last, let footer { return footer.period(at: seconds) }
        let next = transitions.indices.partitioningIndex { transitions[$0] > seconds }
        return periods[Int(types[next - 1])]
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        return count > 0 ? Array(bytes[..<count]) : nil
    }

    private static func parse(_ raw: UnsafeRawBufferPointer) throws(ByteCursorError) -> TimeZoneFile? {
        var cursor = ByteCursor(raw)
        guard let first = try header(&cursor) else { return nil }
        // Version 1 has 32-bit times; the newer block with 64-bit times follows it.
        guard first.version >= 0x32 else { return try block(&cursor, first, wide: false) }
        try cursor.skip(first.bytes(timeSize: 4))
        guard let second = try header(&cursor) else { return nil }
        return try block(&cursor, second, wide: true)
    }

    private struct Header {
        let version: UInt8
        let utc, standard, leaps, times, types, characters: Int

        func bytes(timeSize: Int) -> Int {
            times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standard + utc
        }
    }

    private static func header(_ cursor: inout ByteCursor) throws(ByteCursorError) -> Header? {
        guard try cursor.bytes(4).elementsEqual("TZif".utf8) else { return nil }
        let version = try cursor.u8()
        try cursor.skip(15)
        var counts: [Int] = []
        for _ in 0..<6 { counts.append(Int(try cursor.u32BE())) }
        guard counts.allSatisfy({ $0 < 1 << 20 }) else { return nil }
        return Header(
            version: version, utc: counts[0], standard: counts[1], leaps: counts[2], times: counts[3],
            types: counts[4], characters: counts[5])
    }

    private static func block(
        _ cursor: inout ByteCursor, _ header: Header, wide: Bool
    ) throws(ByteCursorError) -> TimeZoneFile? {
        var transitions: [Int64] = []
        for _ in 0..<header.times {
            transitions.append(
                wide ? Int64(bitPattern: try cursor.u64BE()) : Int64(Int32(bitPattern: try cursor.u32BE())))
        }
        let types = Array(try cursor.bytes(header.times))
        var kinds: [(offset: Int, name: Int)] = []
        for _ in 0..<header.types {
            let offset = Int(Int32(bitPattern: try cursor.u32BE()))
            _ = try cursor.u8()
            kinds.append((offset, Int(try cursor.u8())))
        }
        guard !kinds.isEmpty, types.allSatisfy({ Int($0) < kinds.count }),
            zip(transitions, transitions.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
        let names = Array(try cursor.bytes(header.characters))
        let periods = kinds.map { kind in
            Period(
                offset: kind.offset,
                abbreviation: String(decoding: names.dropFirst(kind.name).prefix { $0 != 0 }, as: UTF8.self))
        }
        try cursor.skip(header.leaps * (wide ? 12 : 8) + header.standard + header.utc)
        let rest = Array(cursor.rest)
        let footer =
            wide && rest.first == 0x0A && rest.last == 0x0A && rest.count > 2
            ? PosixZone(String(decoding: rest.dropFirst().dropLast(), as: UTF8.self)) : nil
        return TimeZoneFile(transitions: transitions, types: types, periods: periods, footer: footer)
    }
}
