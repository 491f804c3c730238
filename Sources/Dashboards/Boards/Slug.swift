/// Titles as they stand in addresses.
enum Slug {
    /// Lower case, `-` between words.
    /// - Parameter fallback: what stands for a title without letters and digits.
    static func of(_ title: String, fallback: String = "dashboard") -> String {
        var words = ""
        for character in title.lowercased() {
            if character.isLetter || character.isNumber {
                words.append(character)
            } else if !words.isEmpty, words.last != "-" {
                words.append("-")
            }
        }
        while words.last == "-" { words.removeLast() }
        return words.isEmpty ? fallback : words
    }

    /// The address of a page of ours that shows something with a uid and a title.
    static func address(_ prefix: String, _ uid: String, _ title: String, fallback: String = "dashboard") -> String {
        prefix + uid + "/" + of(title, fallback: fallback)
    }
}
