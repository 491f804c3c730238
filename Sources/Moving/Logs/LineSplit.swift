import MartletCore
package import Peers

/// Parts a crowd of lines that share a time into two by what the query language can tell apart: how they begin, or a label.
package enum LineSplit {
    /// Two filters for the end of a query; every line passes exactly one of them. Each lets some of `lines` through, about
    /// as many as the other where that can be. Nil when the lines are all alike.
    package static func filters(_ page: LogPage) -> (with: String, without: String)? {
        byBeginning(page) ?? byLabel(page)
    }

    private static func byBeginning(_ page: LogPage) -> (with: String, without: String)? {
        let texts = page.lines.map { Array(String(decoding: $0.text, as: UTF8.self).unicodeScalars) }
        guard let first = texts.first else { return nil }
        var common = first.count
        for text in texts {
            var same = 0
            while same < common, same < text.count, text[same] == first[same] { same += 1 }
            common = same
        }
        // What comes behind the common beginning; nil is the end of the line.
        var counts: [Unicode.Scalar?: Int] = [:]
        for text in texts { counts[common < text.count ? text[common] : nil, default: 0] += 1 }
        let half = texts.count / 2
        guard counts.count > 1,
            let best = counts.min(by: { (abs($0.value - half), order($0.key)) < (abs($1.value - half), order($1.key)) })
        else { return nil }
        var pattern = "(?s)^" + first[..<common].map(escaped).joined()
        pattern += best.key.map(escaped) ?? "\\z"
        let quoted = GoQuote.quote(pattern)
        return ("|~ \(quoted)", "!~ \(quoted)")
    }

    private static func order(_ scalar: Unicode.Scalar?) -> UInt32 { scalar?.value ?? .max }

    /// RE2's escape: letters, digits and what lies beyond ASCII stand for themselves.
    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: String(scalar)
        default: "\\x{" + String(scalar.value, radix: 16) + "}"
        }
    }

    private static func byLabel(_ page: LogPage) -> (with: String, without: String)? {
        var counts: [String: [String: Int]] = [:]
        for line in page.lines {
            for labels in [page.streams[line.stream], line.metadata] {
                for (name, value) in labels.pairs { counts[name, default: [:]][value, default: 0] += 1 }
            }
        }
        let all = page.lines.count
        let candidates = counts.flatMap { name, values in values.map { (name, $0.key, $0.value) } }
            .filter { $0.2 < all }
        guard let best = candidates.min(by: { (abs($0.2 - all / 2), $0.0, $0.1) < (abs($1.2 - all / 2), $1.0, $1.1) })
        else { return nil }
        let value = GoQuote.quote(best.1)
        return ("| \(best.0)=\(value)", "| \(best.0)!=\(value)")
    }
}
