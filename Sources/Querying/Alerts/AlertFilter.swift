import Alerting
package import MartletCore
import Service

/// Matchers of alerts as people type them.
package enum AlertFilter {
    /// `team="db"`, `team=~"db|web"`, several in one text, or the name of an alert alone.
    package static func matchers(_ texts: [String]) throws -> [Matcher] {
        var all: [Matcher] = []
        for text in texts {
            if !text.contains(where: { "=~!{".contains($0) }) {
                all.append(Matcher(equal: "alertname", text))
                continue
            }
            do {
                all += try MatcherSyntax.list(text)
            } catch {
                throw UsageError(
                    "\"\(text)\" is no matcher (\(error)): use NAME=VALUE, !=, =~ or !~, or an alert's name")
            }
        }
        return all
    }

    /// As parameters of a request.
    static func parameters(_ texts: [String]) throws -> [(String, String)] {
        try matchers(texts).map { ("filter", MatcherSyntax.text($0)) }
    }
}
