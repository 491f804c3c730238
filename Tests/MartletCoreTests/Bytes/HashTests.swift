import MartletCore
import Testing

@Suite("Checksums and hashes")
struct HashTests {
    @Test(
        "CRC-32C has the values of RFC 3720",
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8a91_36aa), ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
            ([UInt8](0..<32), 0x46dd_794e), ([UInt8]((0..<32).reversed()), 0x113f_db5c),
            (Array("123456789".utf8), 0xe306_9283),
            ([], 0),
        ] as [([UInt8], UInt32)])
    func crc32c(bytes: [UInt8], expected: UInt32) {
        #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } == expected)
        #expect(bytes.withUnsafeBytes { CRC32C.portableChecksum($0) } == expected)
    }

    @Test("CRC-32C in hardware and in tables agree for every length and can be continued")
    func crcLengths() {
        let bytes = (0..<9300).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 3) }
        // Long ones are summed in stretches of 1024 bytes, three side by side.
        for length in Array(0...300) + Array(3060...3100) + Array(6140...6150) + [9215, 9216, 9300] {
            let whole = bytes[..<length].withUnsafeBytes { CRC32C.checksum($0) }
            #expect(bytes[..<length].withUnsafeBytes { CRC32C.portableChecksum($0) } == whole)
            let half = bytes[..<(length / 2)].withUnsafeBytes { CRC32C.checksum($0) }
            #expect(bytes[(length / 2)..<length].withUnsafeBytes { CRC32C.checksum($0, seed: half) } == whole)
        }
    }

    @Test(
        "xxHash64 has its published values",
        arguments: [
            ("", 0, 0xef46_db37_51d8_e999), ("a", 0, 0xd24e_c4f1_a98c_6e5b), ("abc", 0, 0x44bc_2cf5_ad77_0999),
            ("Nobody inspects the spammish repetition", 0, 0xfbce_a83c_8a37_8bf1),
        ] as [(String, UInt64, UInt64)])
    func xxhash(text: String, seed: UInt64, expected: UInt64) {
        #expect(Hash64.hash(Array(text.utf8), seed: seed) == expected)
    }

    @Test("xxHash64 differs for every length of one run")
    func lengths() {
        let bytes = [UInt8](repeating: 7, count: 200)
        let hashes = Set((0...200).map { Hash64.hash(Array(bytes[..<$0])) })
        #expect(hashes.count == 201)
    }
}
