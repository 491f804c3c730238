package import MartletCore
import TraceQL

/// Attributes of spans, one a line, as Tempo's API lists them.
package enum AttributeLines {
    /// The names, as TraceQL has them: `resource.service.name`, `duration`.
    package static func names(_ body: [UInt8]) throws(JSONError) -> [String] {
        let scopes = try JSONValue(parsing: body)["scopes"]?.array ?? []
        return scopes.flatMap { scope in
            let kind = AttributeScope(rawValue: scope["name"]?.string ?? "")
            return (scope["tags"]?.array ?? []).compactMap(\.string).map { name in
                PlainText.line(kind.map { Operand.attribute($0, name).description } ?? name)
            }
        }
    }

    /// The values of one.
    package static func values(_ body: [UInt8]) throws(JSONError) -> [String] {
        let values = try JSONValue(parsing: body)["tagValues"]?.array ?? []
        return values.compactMap { $0["value"]?.string }.map(PlainText.line)
    }
}
