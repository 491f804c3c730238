import Testing
import Wire

@Suite("Float parser")
struct FloatParserTests {
    private func parse(_ text: String) -> Double? {
        ByteString(text).withBytes { FloatParser.parse($0) }
    }

    @Test(
        "gives the nearest double, as the standard library does",
        arguments: [
            "0", "-0", "1", "+1", "12.47", ".5", "5.", "1e5", "1E+5", "1e-5", "123456789012345678", "0.1",
            "9007199254740993",
            "1.7976931348623157e308", "5e-324", "2.2250738585072011e-308", "1e22", "1e23", "0.000001", "1e-400",
            "123456789012345678901234567890", "0.1234567890123456789012345678901234567890",
            "00000000000000000000000001.5",
            "179769313486231580793728971405301e276",
        ])
    func numbers(text: String) throws {
        let expected = try #require(Double(text))
        let parsed = try #require(parse(text))
        #expect(parsed.bitPattern == expected.bitPattern)
    }

    @Test("agrees with the standard library on random numbers")
    func random() throws {
        var random = SplitMix64(seed: 1)
        for _ in 0..<5_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let parsed = try #require(parse("\(value)"))
            #expect(parsed.bitPattern == value.bitPattern)
        }
    }

    @Test("knows NaN and infinities in any case")
    func words() {
        #expect(parse("NaN")?.isNaN == true)
        #expect(parse("nan")?.isNaN == true)
        #expect(parse("+Inf") == .infinity)
        #expect(parse("-inf") == -.infinity)
        #expect(parse("Infinity") == .infinity)
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", "+", "-", ".", "e5", "1e", "1e+", "0x10", "1_0", "1p3", "1.2.3", "+NaN", "in", "1 ", " 1", "1e999",
            "--1", "١",
        ])
    func refusals(text: String) {
        #expect(parse(text) == nil)
    }

    @Test("integers reach both ends of 64 bits")
    func integers() {
        func parse(_ text: String) -> Int64? { ByteString(text).withBytes { FloatParser.parseInteger($0) } }
        #expect(parse("-9223372036854775808") == .min)
        #expect(parse("9223372036854775807") == .max)
        #expect(parse("9223372036854775808") == nil)
        #expect(parse("-9223372036854775809") == nil)
        #expect(parse("+7") == 7)
        #expect(parse("") == nil)
        #expect(parse("-") == nil)
        #expect(parse("1.0") == nil)
    }
}
