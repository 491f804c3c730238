import MartletCore

extension JSONValue {
    /// A whole number.
    static func whole(_ value: Int64) -> JSONValue { .number(String(value)) }

    /// An object of the members that have a value.
    static func members(_ list: [(String, JSONValue?)]) -> JSONValue { JSONValue.object([]).with(list) }

    /// The object's members and others, those that have a value; one with the name of an earlier one takes its place.
    func with(_ list: [(String, JSONValue?)]) -> JSONValue {
        var members = object ?? []
        for (key, value) in list {
            guard let value else { continue }
            if let index = members.firstIndex(where: { $0.key == key }) {
                members[index].value = value
            } else {
                members.append(Member(key, value))
            }
        }
        return .object(members)
    }

    /// The text, unless it is empty.
    var text: String? {
        guard let string, !string.isEmpty else { return nil }
        return string
    }

    /// The value, unless it is null.
    var present: JSONValue? { isNull ? nil : self }
}
