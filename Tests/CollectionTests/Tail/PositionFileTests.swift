import Collection
import Testing

@Suite("Positions are kept in a file of their own")
struct PositionFileTests {
    static let positions = [
        FilePosition(
            identity: FileIdentity(device: 65024, inode: 12), fingerprint: Fingerprint(length: 17, hash: 0xdead_beef),
            offset: 4711, path: "/var/log/a b\\c\nd.log"),
        FilePosition(
            identity: FileIdentity(device: 65024, inode: .max), fingerprint: Fingerprint(length: 256, hash: .max),
            offset: .max, path: "/var/log/ü.log"),
    ]

    @Test("and come back as they were, whatever the paths hold")
    func roundTrip() throws {
        #expect(try PositionFile.decode(PositionFile.encode(Self.positions)) == Self.positions)
        #expect(try PositionFile.decode(PositionFile.encode([])) == [])
    }

    @Test("A file cut at any byte is an error, never wrong positions")
    func truncated() {
        let bytes = PositionFile.encode(Self.positions)
        for length in 0..<bytes.count {
            #expect(throws: PositionError.self) { try PositionFile.decode(Array(bytes[..<length])) }
        }
    }

    @Test("Any changed byte is an error or leaves the positions as they were")
    func flipped() {
        let bytes = PositionFile.encode(Self.positions)
        for index in bytes.indices {
            var copy = bytes
            copy[index] ^= 0x01
            if let decoded = try? PositionFile.decode(copy) { #expect(decoded == Self.positions) }
        }
    }
}
