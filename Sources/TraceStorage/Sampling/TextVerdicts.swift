import MartletCore
import TraceSampling

/// What regular expressions said of the texts of parts, so that each text is looked at once. Not for several threads.
final class TextVerdicts {
    private struct Question: Hashable {
        let matcher: ObjectIdentifier
        let part: ObjectIdentifier
        let text: UInt32
    }

    /// Verdicts kept at most: what is over it is forgotten as a whole.
    private static let limit = 1 << 16
    private var verdicts: [Question: Bool] = [:]

    /// Whether a text of a part, given as its symbol, matches.
    func matches(_ matcher: TextMatcher, _ text: UInt32, of box: PartBox) -> Bool {
        guard let first = matcher.expressions.first else { return Self.look(matcher, text, box) }
        let question = Question(matcher: ObjectIdentifier(first), part: ObjectIdentifier(box), text: text)
        if let known = verdicts[question] { return known }
        if verdicts.count >= Self.limit { verdicts.removeAll(keepingCapacity: true) }
        let verdict = Self.look(matcher, text, box)
        verdicts[question] = verdict
        return verdict
    }

    private static func look(_ matcher: TextMatcher, _ text: UInt32, _ box: PartBox) -> Bool {
        box.part.symbols.withBytes(of: text) { matcher.matches($0) }
    }
}
