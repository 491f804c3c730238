import LogQL
import MartletCore

/// Which labels say something about lines, by Loki's rule: not those whose values are all numbers or UUIDs, since each of
/// them names one thing only. 0 and 1 are no such numbers, and some names always count.
enum DetectedLabels {
    private static let always: Set<String> = ["cluster", "namespace", "instance", "pod"]

    /// Whether a label is worth showing; `values` are all of its own, one at least.
    static func isRelevant(_ name: String, _ values: Set<String>) -> Bool {
        if always.contains(name) || values.isSubset(of: ["0", "1"]) { return true }
        return !values.allSatisfy { isNumber($0) || isUUID($0) }
    }

    private static func isNumber(_ text: String) -> Bool { [.int, .float].contains(FieldType(of: text)) }

    /// The forms that Go's `uuid.Parse` takes: with dashes, also in braces or behind `urn:uuid:`, or 32 digits.
    private static func isUUID(_ text: String) -> Bool {
        var rest = text[...]
        if rest.utf8.count == 45, rest.lowercased().hasPrefix("urn:uuid:") { rest = rest.dropFirst(9) }
        if rest.utf8.count == 38 { rest = rest.dropFirst().dropLast() }
        let groups = rest.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12] || rest.utf8.count == 32 && groups.count == 1 else {
            return false
        }
        return groups.allSatisfy { $0.utf8.allSatisfy { Hex.value(of: $0) != nil } }
    }
}
