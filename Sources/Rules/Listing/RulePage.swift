import MartletCore

/// Which part of a long list of groups a client asks for.
package struct RulePage: Sendable {
    let limit: Int?
    /// Of the group the page begins with.
    let token: String?

    /// The parameters `group_limit` and `group_next_token`; nil where one is not given.
    package init(limit text: String?, token: String?) throws(RuleParameterError) {
        let next = token.flatMap { $0.isEmpty ? nil : $0 }
        guard let text, !text.isEmpty else {
            guard next == nil else {
                throw RuleParameterError(
                    "group_next_token", "group_limit needs to be present in order to paginate over the groups")
            }
            (limit, self.token) = (nil, nil)
            return
        }
        guard let limit = Int32(text) else {
            throw RuleParameterError("group_limit", "group_limit needs to be a valid number: \(GoQuote.quote(text))")
        }
        guard limit > 0 else { throw RuleParameterError("group_limit", "group_limit needs to be greater than 0") }
        self.limit = Int(limit)
        self.token = next
    }

    /// What names a group as the first of a page.
    static func token(_ group: RuleGroup) -> String { String(Hash64.hash(Array(group.key.utf8)), radix: 16) }
}
