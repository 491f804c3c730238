/// The few elements of S3's answers that are looked at. Elements of these answers have no attributes but their namespace,
/// and none contains another of its own name.
struct S3Answer {
    private let text: Substring

    init(_ bytes: [UInt8]) {
        text = Substring(String(decoding: bytes, as: UTF8.self))
    }

    private init(_ text: Substring) {
        self.text = text
    }

    /// The elements of a name, in order.
    func all(_ name: String) -> [S3Answer] {
        var found: [S3Answer] = []
        var rest = text
        while let start = rest.firstRange(of: "<\(name)>") {
            let inner = rest[start.upperBound...]
            guard let end = inner.firstRange(of: "</\(name)>") else { break }
            found.append(S3Answer(inner[..<end.lowerBound]))
            rest = inner[end.upperBound...]
        }
        return found
    }

    /// The text of the first element of a name.
    subscript(name: String) -> String? { all(name).first?.unescaped }

    private var unescaped: String {
        var result = String(text)
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#34;", "\"")] {
            result = result.replacing(entity, with: character)
        }
        // Last, so that what it gives is not taken for an entity.
        return result.replacing("&amp;", with: "&")
    }
}
