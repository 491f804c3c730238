import Glibc
import MartletCore

/// A compiled time zone (RFC 9636, TZif): how far local time is off UTC at any moment.
package struct TimeZoneFile: Sendable, Hashable {
    private let transitions: [Int64]
    private let types: [UInt8]
    private let offsets: [Int]
    private let footer: PosixZone?

    /// UTC.
    package static let utc = TimeZoneFile(transitions: [], types: [], offsets: [0], footer: nil)

    private init(transitions: [Int64], types: [UInt8], offsets: [Int], footer: PosixZone?) {
        self.transitions = transitions
        self.types = types
        self.offsets = offsets
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
    package func offset(at seconds: Int64) -> Int {
        guard let first = transitions.first, seconds >= first else { return offsets.first ?? 0 }
        if let last = transitions.last, seconds >= last, let footer { return footer.offset(at: seconds) }
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return offsets[Int(types[low - 1])]
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
        var offsets: [Int] = []
        for _ in 0..<header.types {
            offsets.append(Int(Int32(bitPattern: try cursor.u32BE())))
            try cursor.skip(2)
        }
        guard !offsets.isEmpty, types.allSatisfy({ Int($0) < offsets.count }),
            zip(transitions, transitions.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
        try cursor.skip(header.characters + header.leaps * (wide ? 12 : 8) + header.standard + header.utc)
        let rest = Array(cursor.rest)
        let footer =
            wide && rest.first == 0x0A && rest.last == 0x0A && rest.count > 2
            ? PosixZone(String(decoding: rest.dropFirst().dropLast(), as: UTF8.self)) : nil
        return TimeZoneFile(transitions: transitions, types: types, offsets: offsets, footer: footer)
    }
}
