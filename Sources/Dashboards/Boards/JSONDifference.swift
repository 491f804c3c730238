import MartletCore

/// What differs between two documents, for people: elements of lists are compared with those of the same id or name, wherever
/// they stand.
struct JSONDifference: Sendable, Hashable {
    enum Kind: String, Sendable {
        case add, remove, replace
    }

    let kind: Kind
    /// A JSON pointer, into the new document or, where something is gone, into the old one.
    let path: String
    /// The same for people: `panel "CPU" › title`.
    let label: String
    let from: JSONValue?
    let to: JSONValue?

    /// Differences told; beyond them the documents have little in common.
    static let limit = 2000

    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("op", .string(kind.rawValue)), .init("path", .string(path)), .init("label", .string(label)),
        ]
        if let from { members.append(.init("from", from)) }
        if let to { members.append(.init("value", to)) }
        return .object(members)
    }

    /// The differences, at most ``limit``. The version, which always differs, is none.
    static func changes(from old: JSONValue, to new: JSONValue) -> [JSONDifference] {
        var comparison = Comparison()
        comparison.compare(without(old), without(new), path: "", label: "")
        return comparison.found
    }

    private static func without(_ model: JSONValue) -> JSONValue {
        .object((model.object ?? []).filter { !["id", "version", "iteration"].contains($0.key) })
    }
}

private struct Comparison {
    var found: [JSONDifference] = []

    private static let pathLimit = 2_000
    /// Longest name in a path or a label, in characters.
    private static let nameLimit = 200

    mutating func compare(_ old: JSONValue, _ new: JSONValue, path: String, label: String) {
        guard found.count < JSONDifference.limit, old != new else { return }
        // Below names of such length nothing is told apart any more: each difference would carry them all.
        guard path.utf8.count < Self.pathLimit else { return add(.replace, path, label, old, new) }
        switch (old, new) {
        case (.object(let before), .object(let after)):
            let (before, after) = (Self.byKey(before), Self.byKey(after))
            for key in Set(before.keys).union(after.keys).sorted() {
                compare(
                    before[key], after[key], path: path + "/" + Self.escaped(key),
                    label: (label.isEmpty ? "" : label + " › ") + key.cut(to: Self.nameLimit))
            }
        case (.array(let before), .array(let after)): compare(before, after, path: path, label: label)
        default: add(.replace, path, label, old, new)
        }
    }

    private mutating func compare(_ old: JSONValue?, _ new: JSONValue?, path: String, label: String) {
        switch (old, new) {
        case (nil, nil): return
        case (let old?, nil): add(.remove, path, label, old, nil)
        case (nil, let new?): add(.add, path, label, nil, new)
        case (let old?, let new?): compare(old, new, path: path, label: label)
        }
    }

    private mutating func compare(_ old: [JSONValue], _ new: [JSONValue], path: String, label: String) {
        guard let before = Self.named(old), let after = Self.named(new) else {
            for index in 0..<max(old.count, new.count) {
                compare(
                    index < old.count ? old[index] : nil, index < new.count ? new[index] : nil,
                    path: path + "/\(index)", label: label + "[\(index)]")
            }
            return
        }
        for (index, element) in new.enumerated() {
            let key = Self.name(of: element) ?? ""
            compare(
                before[key].map { old[$0] }, element, path: path + "/\(index)", label: Self.label(element, in: label))
        }
        for (index, element) in old.enumerated() where after[Self.name(of: element) ?? ""] == nil {
            compare(element, nil, path: path + "/\(index)", label: Self.label(element, in: label))
        }
        let kept = old.compactMap(Self.name).filter { after[$0] != nil }
        let order = new.compactMap(Self.name).filter { before[$0] != nil }
        if kept != order { add(.replace, path, label + " (order)", .strings(kept), .strings(order)) }
    }

    private mutating func add(
        _ kind: JSONDifference.Kind, _ path: String, _ label: String, _ from: JSONValue?, _ to: JSONValue?
    ) {
        guard found.count < JSONDifference.limit else { return }
        found.append(JSONDifference(kind: kind, path: path, label: label, from: from, to: to))
    }

    private static func byKey(_ members: [JSONValue.Member]) -> [String: JSONValue] {
        Dictionary(members.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    /// The places of a list's elements by their names; nil when one has none, or not one of its own.
    private static func named(_ elements: [JSONValue]) -> [String: Int]? {
        var places: [String: Int] = [:]
        for (index, element) in elements.enumerated() {
            guard let name = name(of: element), places.updateValue(index, forKey: name) == nil else { return nil }
        }
        return places
    }

    /// What tells an element from the others of its list.
    private static func name(of element: JSONValue) -> String? {
        for key in ["id", "refId", "uid", "name", "key"] {
            switch element[key] {
            case .number(let text): return "\(key) \(text)"
            case .string(let text): return "\(key) \(text)"
            default: continue
            }
        }
        return nil
    }

    private static func label(_ element: JSONValue, in list: String) -> String {
        let words = list.split(separator: " ").last.map(String.init) ?? list
        let singular = words == "panels" ? String(list.dropLast()) : list
        for key in ["title", "name", "refId", "id"] {
            switch element[key] {
            case .string(let text) where !text.isEmpty: return "\(singular) \"\(text.cut(to: nameLimit))\""
            case .number(let text): return "\(singular) \(text.cut(to: nameLimit))"
            default: continue
            }
        }
        return singular
    }

    /// A member's name in a JSON pointer.
    private static func escaped(_ key: String) -> String {
        var text = ""
        for character in key.cut(to: nameLimit) {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.append(character)
            }
        }
        return text
    }
}
