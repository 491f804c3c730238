import MartletCore
import Testing

@Suite("Hexadecimal text")
struct HexTests {
    @Test("has two lower-case digits for each byte")
    func bytes() {
        #expect(Hex.text([0x00, 0x0A, 0xFF]) == "000aff")
        #expect(Hex.text([0x1, 0xBC].lazy.map { UInt8($0) }) == "01bc")
        #expect(Hex.text([] as [UInt8]).isEmpty)
    }

    @Test("has the zeros in front of a number")
    func numbers() {
        #expect(Hex.text(UInt8(7)) == "07")
        #expect(Hex.text(UInt32(0xBEEF)) == "0000beef")
        #expect(Hex.text(UInt64.max) == "ffffffffffffffff")
    }

    @Test("is read digit by digit, in any case")
    func digits() {
        #expect("09afAF".utf8.map { Hex.value(of: $0) } == [0, 9, 10, 15, 10, 15])
        #expect("/:@G`g+".utf8.allSatisfy { Hex.value(of: $0) == nil })
    }
}
