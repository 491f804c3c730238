import MartletCore

/// The text in which positions are kept: a header line `martlet-positions 1 <crc32c of the rest, hexadecimal>`, then
/// per file `<device> <inode> <fingerprint length> <fingerprint> <offset> <path>`, numbers in hexadecimal but the offset
/// and lengths. The path is last, with its line feeds and backslashes escaped.
package enum PositionFile {
    private static let magic = "martlet-positions 1 "

    /// The whole file.
    package static func encode(_ positions: [FilePosition]) -> [UInt8] {
        var body: [UInt8] = []
        for position in positions.sorted(by: { ($0.identity, $0.path) < ($1.identity, $1.path) }) {
            let numbers =
                "\(hex(position.identity.device)) \(hex(position.identity.inode)) \(position.fingerprint.length) "
                + "\(hex(position.fingerprint.hash)) \(position.offset) "
            body.append(contentsOf: numbers.utf8)
            for byte in position.path.utf8 {
                switch byte {
                case 0x5C: body.append(contentsOf: [0x5C, 0x5C])
                case 0x0A: body.append(contentsOf: [0x5C, 0x6E])
                default: body.append(byte)
                }
            }
            body.append(0x0A)
        }
        return Array(magic.utf8) + Array(hex(UInt64(checksum(body[...]))).utf8) + [0x0A] + body
    }

    /// The positions in `bytes`; a checksum or a line that does not fit is an error with its line number.
    package static func decode(_ bytes: [UInt8]) throws(PositionError) -> [FilePosition] {
        let head = Array(magic.utf8)
        guard bytes.starts(with: head), let end = bytes.firstIndex(of: 0x0A) else {
            throw .notPositions
        }
        let body = bytes[(end + 1)...]
        guard let sum = UInt32(String(decoding: bytes[head.count..<end], as: UTF8.self), radix: 16),
            sum == checksum(body)
        else { throw .checksum }
        var positions: [FilePosition] = []
        for (index, line) in body.split(separator: 0x0A).enumerated() {
            let fields = line.split(separator: 0x20, maxSplits: 5, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard fields.count == 6, let device = UInt64(fields[0], radix: 16),
                let inode = UInt64(fields[1], radix: 16), let length = Int(fields[2]), length >= 0,
                length <= Fingerprint.span, let hash = UInt64(fields[3], radix: 16), let offset = UInt64(fields[4])
            else { throw .malformed(line: index + 2) }
            positions.append(
                FilePosition(
                    identity: FileIdentity(device: device, inode: inode),
                    fingerprint: Fingerprint(length: length, hash: hash), offset: offset, path: unescaped(fields[5])))
        }
        return positions
    }

    private static func hex(_ value: UInt64) -> String { String(value, radix: 16) }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBytes { CRC32C.checksum($0) }
    }

    private static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(0x5C) else { return text }
        var bytes: [UInt8] = []
        var escaped = false
        for byte in text.utf8 {
            if escaped {
                bytes.append(byte == 0x6E ? 0x0A : byte)
                escaped = false
            } else if byte == 0x5C {
                escaped = true
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
