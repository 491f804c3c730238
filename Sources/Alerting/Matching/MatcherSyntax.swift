package import MartletCore

/// Alertmanager's two languages for matchers, and how it chooses between them.
///
/// The newer one allows any UTF-8 in names and values, quoted with double quotes. The classic one takes a legacy label
/// name and everything behind the operator as the value, quoted or not. As Alertmanager does by default, the newer one
/// is tried first, the classic one when that fails, and the classic one wins when both succeed and disagree.
package enum MatcherSyntax {
    /// One or more matchers: `a="b"`, `{a="b", c=~"d|e"}`.
    package static func list(_ text: String) throws(MatcherSyntaxError) -> [Matcher] {
        var newer: [Matcher]?
        var newerError: MatcherSyntaxError?
        do throws(MatcherSyntaxError) {
            newer = try UTF8MatcherParser.list(text)
        } catch {
            newerError = error
        }
        do throws(MatcherSyntaxError) {
            let classic = try ClassicMatcherParser.list(text)
            if let newer, newer == classic { return newer }
            return classic
        } catch {
            if let newer { return newer }
            throw newerError ?? error
        }
    }

    /// Exactly one matcher.
    package static func one(_ text: String) throws(MatcherSyntaxError) -> Matcher {
        let matchers = try list(text)
        guard matchers.count == 1, let matcher = matchers.first else {
            throw MatcherSyntaxError(reason: "expected one matcher, found \(matchers.count): \(text)")
        }
        return matcher
    }

    /// A matcher as Alertmanager writes it.
    package static func text(_ matcher: Matcher) -> String {
        let name =
            LabelName.isLegacyLabelName(matcher.name.utf8) ? matcher.name : GoQuote.quote(matcher.name)
        return name + operatorText(matcher.kind) + GoQuote.quote(matcher.value)
    }

    /// `{a="b",c=~"d"}`, ordered by name, operator and value.
    package static func text(_ matchers: [Matcher]) -> String {
        "{" + sorted(matchers).map { text($0) }.joined(separator: ",") + "}"
    }

    /// In the order in which Alertmanager keeps them.
    package static func sorted(_ matchers: [Matcher]) -> [Matcher] {
        matchers.sorted { left, right in
            if left.name != right.name { return left.name < right.name }
            if left.value != right.value { return left.value < right.value }
            return order(left.kind) < order(right.kind)
        }
    }

    static func operatorText(_ kind: Matcher.Kind) -> String {
        switch kind {
        case .equal: "="
        case .notEqual: "!="
        case .regex: "=~"
        case .notRegex: "!~"
        }
    }

    private static func order(_ kind: Matcher.Kind) -> Int {
        switch kind {
        case .equal: 0
        case .notEqual: 1
        case .regex: 2
        case .notRegex: 3
        }
    }

    static func make(_ kind: Matcher.Kind, _ name: String, _ value: String) throws(MatcherSyntaxError) -> Matcher {
        do {
            return try Matcher(kind, name, value)
        } catch {
            throw MatcherSyntaxError(reason: "\(error)")
        }
    }
}
