import Glibc
import MartletCore
import Testing

@Suite("FloatText")
struct FloatTextTests {
    @Test(
        "prints as Prometheus' JSON, as Go's 'g' and as Go's 'f'",
        arguments: [
            (0, "0", "0", "0"), (-0.0, "-0", "-0", "-0"), (1, "1", "1", "1"), (-1.5, "-1.5", "-1.5", "-1.5"),
            (0.1, "0.1", "0.1", "0.1"), (100_000, "100000", "100000", "100000"), (1e6, "1000000", "1e+06", "1000000"),
            (123_456_789, "123456789", "1.23456789e+08", "123456789"),
            (1e20, "100000000000000000000", "1e+20", "100000000000000000000"),
            (1e21, "1e+21", "1e+21", "1000000000000000000000"), (1.5e300, "1.5e+300", "1.5e+300", nil),
            (1e-6, "0.000001", "1e-06", "0.000001"), (1e-7, "1e-07", "1e-07", "0.0000001"),
            (1.25e-5, "0.0000125", "1.25e-05", "0.0000125"), (0.0001, "0.0001", "0.0001", "0.0001"),
            (.leastNonzeroMagnitude, "5e-324", "5e-324", nil), (123_456.789, "123456.789", "123456.789", "123456.789"),
            (1_234_567.5, "1234567.5", "1.2345675e+06", "1234567.5"),
            (9_007_199_254_740_992, "9007199254740992", "9.007199254740992e+15", "9007199254740992"),
            (.infinity, "+Inf", "+Inf", "+Inf"), (-.infinity, "-Inf", "-Inf", "-Inf"), (.nan, "NaN", "NaN", "NaN"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308", "1.7976931348623157e+308", nil),
        ] as [(Double, String, String, String?)])
    func text(value: Double, json: String, general: String, fixed: String?) {
        #expect(FloatText.string(value) == json)
        #expect(FloatText.general(value) == general)
        if let fixed { #expect(FloatText.fixed(value) == fixed) }
    }

    @Test(
        "prints labels of histograms and summaries as OpenMetrics does",
        arguments: [
            (0, "0.0"), (-0.0, "0.0"), (1, "1.0"), (-1, "-1.0"), (0.5, "0.5"), (100_000, "100000.0"), (1e6, "1e+06"),
            (1e-5, "1e-05"), (1_234_567, "1.234567e+06"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)])
    func openMetrics(value: Double, text: String) {
        #expect(FloatText.openMetrics(value) == text)
    }

    @Test("reads back to the same bits for numbers of every size")
    func roundTrip() {
        var state: UInt64 = 99
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(bitPattern: state ^ state >> 29)
            guard value.isFinite else { continue }
            for text in [FloatText.string(value), FloatText.general(value), FloatText.fixed(value)] {
                #expect(strtod(text, nil).bitPattern == value.bitPattern, "\(text)")
            }
        }
    }

    /// The digits that count in a number's text.
    private static func significantDigits(_ text: String) -> String {
        let digits = text.prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }
        return String(String(digits.reversed().drop { $0 == "0" }).reversed())
    }

    @Test("has the shortest and closest digits, as the standard library does")
    func shortest() {
        var values: [Double] = []
        for exponent in -1074...1023 {
            let power = scalbn(1, Int32(exponent))
            values += [power, power.nextUp, power.nextDown]
        }
        for exponent in -323...308 {
            let power = strtod("1e\(exponent)", nil)
            values += [power, power.nextUp, power.nextDown, 2.5 * power, 9.995 * power]
        }
        var state: UInt64 = 7
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            values += [Double(bitPattern: state ^ state >> 29), Double(state >> 40) / 1000, Double(state >> 44) / 7]
        }
        let others = values.filter { value in
            value.isFinite && value != 0
                && Self.significantDigits(FloatText.exponential(value)) != Self.significantDigits(value.description)
        }
        #expect(others == [])
    }

    @Test(
        "prints integers of every size",
        arguments: [
            0, 7, -7, 10, 99, 100, 9999, 10_000, 99_999_999, 100_000_000, 100_000_001, 9_999_999_999_999_999,
            10_000_000_000_000_000, 1_000_000_010_000_000_100, Int64.max, Int64.min,
        ])
    func integers(value: Int64) {
        var out: [UInt8] = []
        FloatText.appendInteger(value, to: &out)
        #expect(String(decoding: out, as: UTF8.self) == String(value))
    }
}
