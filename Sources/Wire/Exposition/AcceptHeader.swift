/// What an Accept header asks for (RFC 9110, section 12.5.1).
struct AcceptHeader {
    struct Item {
        /// In lower case, without parameters.
        var type: String
        /// In lower case; without the quality.
        var parameters: [String: String] = [:]
        /// 0…1.
        var quality = 1.0
    }

    /// In the order in which they are written.
    let items: [Item]

    init(_ header: String) {
        items = header.split(separator: ",").compactMap { text in
            let parts = text.split(separator: ";").map { $0.trimmingBlanks().lowercased() }
            guard let type = parts.first else { return nil }
            var item = Item(type: type)
            for part in parts.dropFirst() {
                let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmingBlanks() }
                guard pair.count == 2 else { continue }
                if pair[0] == "q" { item.quality = Double(pair[1]) ?? 0 } else { item.parameters[pair[0]] = pair[1] }
            }
            return item
        }
    }

    /// The best first; those of one quality in the order in which they are written.
    var byQuality: [Item] {
        items.enumerated().sorted { a, b in
            a.element.quality == b.element.quality ? a.offset < b.offset : a.element.quality > b.element.quality
        }.map(\.element)
    }
}

extension Substring {
    /// The text without blanks at its ends.
    func trimmingBlanks() -> String {
        var rest = self
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
