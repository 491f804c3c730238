/// The first letter of every word in upper case, the others as they are.
enum TitleCase {
    static func apply(_ text: String) -> String {
        var result = ""
        let scalars = Array(text.unicodeScalars)
        var isInWord = false
        for (index, scalar) in scalars.enumerated() {
            let isWord = isWordPart(scalar)
            if isWord, !isInWord {
                result += scalar.properties.titlecaseMapping
            } else {
                result.unicodeScalars.append(scalar)
            }
            // An apostrophe or a point between letters does not end a word (Unicode's word boundaries).
            let joins =
                isInWord && ["'", ".", ":", "’", "·"].contains(scalar) && index + 1 < scalars.count
                && scalars[index + 1].properties.isAlphabetic
            isInWord = isWord || joins
        }
        return result
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "_" || scalar.properties.isAlphabetic { return true }
        switch scalar.properties.generalCategory {
        case .decimalNumber, .nonspacingMark, .spacingMark: return true
        default: return false
        }
    }
}
