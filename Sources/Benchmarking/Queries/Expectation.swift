import MartletCore

/// What a number in an answer should be.
package struct Expectation: Sendable, Hashable, CustomStringConvertible {
    /// Numbers that are right.
    package let range: ClosedRange<Double>

    /// A number that is known.
    package static func exactly(_ number: Double) -> Expectation { Expectation(range: number...number) }

    /// A count of which so much was acknowledged and so much sent: what is in between may be there or not.
    package static func between(_ acknowledged: Int64, _ sent: Int64) -> Expectation {
        Expectation(range: Double(acknowledged)...Double(max(acknowledged, sent)))
    }

    /// A number that floating-point sums in any order give.
    package static func about(_ number: Double) -> Expectation {
        let tolerance = abs(number) * 1e-9
        return Expectation(range: number - tolerance...number + tolerance)
    }

    /// At most so many of what should be there.
    package func limited(to most: Int) -> Expectation {
        Expectation(range: min(range.lowerBound, Double(most))...min(range.upperBound, Double(most)))
    }

    /// Judges a number.
    package func judge(_ number: Double, _ noun: String) -> BenchQuery.Verdict {
        range.contains(number) ? .right : .wrong(got: "\(Self.text(number)) \(noun)", expected: description)
    }

    package var description: String {
        range.lowerBound == range.upperBound
            ? Self.text(range.lowerBound) : "\(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
    }

    private static func text(_ number: Double) -> String {
        var text: [UInt8] = []
        FloatText.append(number, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
