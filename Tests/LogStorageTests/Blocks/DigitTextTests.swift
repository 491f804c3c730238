import LogStorage
import Testing

@Suite("Numbers for strings of digits")
struct DigitTextTests {
    @Test(
        "give back the string, leading zeros and all",
        arguments: [
            "0", "9", "00", "01", "10", "99", "000", "007", "123", "0000000000", "1700000000123", "999999999999999999",
            "0000000000000000000", "9999999999999999999",
        ])
    func roundTrip(text: String) {
        let number = Array(text.utf8).withUnsafeBufferPointer { DigitText.number($0.baseAddress!, count: $0.count) }
        #expect(number > 0 && number <= DigitText.largest)
        #expect(DigitText.length(number) == text.utf8.count)
        let out = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 8)
        defer { out.deallocate() }
        let count = DigitText.write(number, to: out)
        #expect(String(decoding: UnsafeRawBufferPointer(start: out, count: count), as: UTF8.self) == text)
    }

    @Test("are numbered without a gap from the shortest to the longest")
    func consecutive() {
        var expected: UInt64 = 1
        for text in (0...9).map(String.init) + (0...99).map({ $0 < 10 ? "0\($0)" : "\($0)" }) + ["000", "001"] {
            #expect(
                Array(text.utf8).withUnsafeBufferPointer { DigitText.number($0.baseAddress!, count: $0.count) }
                    == expected)
            expected += 1
        }
    }
}
