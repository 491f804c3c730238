/// Hides the values of secret keys in a YAML text, line by line, as Prometheus shows its configuration.
enum RedactedText {
    private static let secretKeys: Set<String> = [
        "password", "credentials", "bearer_token", "client_secret", "secret_key", "secrets", "key", "cert", "ca",
    ]

    static func redact(_ text: String) -> String {
        var hiddenIndent: Int?
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line -> String? in
            let indent = line.prefix { $0 == " " || $0 == "-" }.count
            // What is nested below a secret key (block scalars, lists) belongs to it.
            if let hidden = hiddenIndent, indent > hidden || line.allSatisfy({ $0 == " " }) { return nil }
            hiddenIndent = nil
            guard let colon = line.firstIndex(of: ":") else { return urlHidden(line) }
            let name = line[..<colon].drop { $0 == " " || $0 == "-" }
            guard secretKeys.contains(String(name).trimmingQuotes()) else { return urlHidden(line) }
            hiddenIndent = indent
            return line[...colon] + " <secret>"
        }
        return lines.joined(separator: "\n")
    }

    /// The line with the password of `scheme://user:password@host` hidden.
    private static func urlHidden(_ line: Substring) -> String {
        guard let start = line.range(of: "://")?.upperBound, let at = line[start...].firstIndex(of: "@"),
            let colon = line[start..<at].firstIndex(of: ":")
        else { return String(line) }
        return line[...colon] + "<secret>" + line[at...]
    }
}

extension String {
    fileprivate func trimmingQuotes() -> String {
        guard let first, first == "\"" || first == "'", count > 1 else { return self }
        return String(dropFirst().dropLast())
    }
}

extension Substring {
    /// The first place of a short text.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
