package import MartletCore

/// Silences as Alertmanager's API has them.
package enum SilenceDocument {
    /// The body that makes a silence. Times are Unix nanoseconds.
    package static func new(
        _ matchers: [Matcher], _ times: Range<Int64>, author: String, comment: String
    ) -> JSONValue {
        let list = matchers.map { matcher in
            JSONValue.object([
                .init("name", .string(matcher.name)), .init("value", .string(matcher.value)),
                .init("isRegex", .bool(matcher.kind == .regex || matcher.kind == .notRegex)),
                .init("isEqual", .bool(matcher.kind == .equal || matcher.kind == .regex)),
            ])
        }
        return .object([
            .init("matchers", .array(list)),
            .init("startsAt", .string(RFC3339.format(unixNanoseconds: times.lowerBound))),
            .init("endsAt", .string(RFC3339.format(unixNanoseconds: times.upperBound))),
            .init("createdBy", .string(author)), .init("comment", .string(comment)),
        ])
    }

    /// The matchers of a silence in one text.
    package static func matchers(_ silence: JSONValue) -> String {
        (silence["matchers"]?.array ?? []).map { matcher in
            let isEqual = matcher["isEqual"]?.bool ?? true
            let sign = matcher["isRegex"]?.bool == true ? (isEqual ? "=~" : "!~") : isEqual ? "=" : "!="
            return (matcher["name"]?.string ?? "") + sign + GoQuote.quote(matcher["value"]?.string ?? "")
        }.joined(separator: " ")
    }

    /// The silences of an answer as a table, those that end last at the end: no lines where there are none.
    /// - Parameter expired: whether those that have ended are shown.
    package static func lines(_ body: [UInt8], expired: Bool) throws(JSONError) -> [String] {
        let silences = (try JSONValue(parsing: body).array ?? []).filter {
            expired || $0["status"]?["state"]?.string != "expired"
        }
        let rows = silences.sorted { end($0) < end($1) }.map { silence in
            [
                PlainText.line(silence["id"]?.string ?? ""), PlainText.line(silence["status"]?["state"]?.string ?? ""),
                end(silence), matchers(silence), PlainText.line(silence["createdBy"]?.string ?? ""),
                PlainText.line(silence["comment"]?.string ?? ""),
            ]
        }
        return TableLines.of(["ID", "STATE", "ENDS", "MATCHERS", "BY", "COMMENT"], rows)
    }

    private static func end(_ silence: JSONValue) -> String { TableLines.second(silence["endsAt"]?.string) }
}
