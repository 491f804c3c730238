/// How Promtail turns a journal entry's fields into labels that relabelling can use.
package enum JournalField {
    /// syslog(3)'s names of the priorities 0 to 7.
    package static let priorities = ["emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"]

    /// `_SYSTEMD_UNIT` → `__journal__systemd_unit`, and for `PRIORITY` also `__journal_priority_keyword`.
    package static func labels(_ fields: [String: String]) -> [String: String] {
        var labels: [String: String] = [:]
        for (name, value) in fields where name != "MESSAGE" {
            labels["__journal_" + name.lowercased()] = value
            if name == "PRIORITY", let number = Int(value), priorities.indices.contains(number) {
                labels["__journal_priority_keyword"] = priorities[number]
            }
        }
        return labels
    }
}
