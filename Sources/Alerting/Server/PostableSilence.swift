import MartletCore

/// The body of `POST /api/v2/silences`.
package enum PostableSilence {
    /// The silence it asks for; its id is empty for a new one.
    package static func parse(_ body: [UInt8]) throws(PostableAlerts.Refusal) -> Silence {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: body)
        } catch {
            throw .unreadable("\(error)")
        }
        guard document.object != nil else { throw .unreadable("the body is not a silence") }
        func required(_ key: String) throws(PostableAlerts.Refusal) -> JSONValue {
            guard let value = document[key], !value.isNull else {
                throw .undescribed(code: 602, "\(key) in body is required")
            }
            return value
        }
        func text(_ key: String) throws(PostableAlerts.Refusal) -> String {
            guard let text = try required(key).string else { throw .unreadable("\(key) is not a string") }
            return text
        }
        func time(_ key: String) throws(PostableAlerts.Refusal) -> Int64 {
            let text = try text(key)
            guard let moment = RFC3339.parse(text) else {
                throw .unreadable("\(key) is not an RFC 3339 time: \(text)")
            }
            return moment.nearestUnixNanoseconds
        }
        let comment = try text("comment")
        let createdBy = try text("createdBy")
        let endsAt = try time("endsAt")
        guard let list = try required("matchers").array else { throw .unreadable("matchers is not a list") }
        let startsAt = try time("startsAt")
        if list.isEmpty { throw .undescribed(code: 612, "matchers in body should have at least 1 items") }
        var matchers: [Matcher] = []
        for (index, item) in list.enumerated() { matchers.append(try matcher(item, index)) }
        return Silence(
            id: document["id"]?.string ?? "", matchers: matchers, startsAt: startsAt, endsAt: endsAt, updatedAt: 0,
            createdBy: createdBy, comment: comment)
    }

    private static func matcher(_ item: JSONValue, _ index: Int) throws(PostableAlerts.Refusal) -> Matcher {
        func required(_ key: String) throws(PostableAlerts.Refusal) -> JSONValue {
            guard let value = item[key], !value.isNull else {
                throw .undescribed(code: 602, "matchers.\(index).\(key) in body is required")
            }
            return value
        }
        guard let isRegex = try required("isRegex").bool, let name = try required("name").string,
            let value = try required("value").string
        else { throw .unreadable("matchers.\(index) has values of the wrong type") }
        let isEqual = item["isEqual"]?.bool ?? true
        guard !name.isEmpty else {
            throw .undescribed(code: 400, "silence invalid: invalid label matcher \(index): invalid label name \"\"")
        }
        let kind: Matcher.Kind = isRegex ? (isEqual ? .regex : .notRegex) : (isEqual ? .equal : .notEqual)
        do {
            return try Matcher(kind, name, value)
        } catch {
            throw .undescribed(
                code: 400,
                "silence invalid: invalid label matcher \(index): invalid regular expression "
                    + "\(GoQuote.quote(value)): \(error)")
        }
    }
}
