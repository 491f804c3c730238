/// Titles as they stand in addresses.
enum Slug {
    /// Lower case, `-` between words.
    /// - Parameter fallback: what stands for a title without letters and digits.
    static func of(_ title: String, fallback: String = "dashboard") -> String {
        if let plain = ofASCII(title.utf8) { return plain.isEmpty ? fallback : plain }
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

    /// The same for titles without other letters, which are nearly all; nil for others.
    private static func ofASCII(_ title: String.UTF8View) -> String? {
        var words: [UInt8] = []
        for byte in title {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): words.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): words.append(byte | 0x20)
            case 0x80...: return nil
            default: if !words.isEmpty, words.last != UInt8(ascii: "-") { words.append(UInt8(ascii: "-")) }
            }
        }
        while words.last == UInt8(ascii: "-") { words.removeLast() }
        return String(decoding: words, as: UTF8.self)
    }

    /// The address of a page of ours that shows something with a uid and a title.
    static func address(_ prefix: String, _ uid: String, _ title: String, fallback: String = "dashboard") -> String {
        prefix + uid + "/" + of(title, fallback: fallback)
    }
}
