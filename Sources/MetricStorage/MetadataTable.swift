import MartletCore

/// Type, help and unit of metric families, as scrapes and pushes tell them: the newest of each family, in memory.
package final class MetadataTable: Sendable {
    /// What is known of a family.
    package struct Entry: Sendable, Hashable {
        /// Prometheus' word for the type: `counter`, `gauge`, …, `unknown`.
        package var type: String
        package var help: String
        package var unit: String

        /// An entry.
        package init(type: String = "unknown", help: String = "", unit: String = "") {
            self.type = type
            self.help = help
            self.unit = unit
        }
    }

    /// Families beyond this many are not remembered.
    private static let limit = 200_000
    /// Unicode scalars of a help text or a unit that are kept.
    private static let textLimit = 256

    private let entries = Lock<[String: Entry]>([:])

    /// An empty table.
    package init() {}

    /// Changes what is known of a family.
    package func update(_ family: String, _ change: (inout Entry) -> Void) {
        entries.withLock { entries in
            var entry = entries[family] ?? Entry()
            change(&entry)
            entry.help = String(entry.help.unicodeScalars.prefix(Self.textLimit))
            entry.unit = String(entry.unit.unicodeScalars.prefix(Self.textLimit))
            guard entries[family] != nil || entries.count < Self.limit else { return }
            entries[family] = entry
        }
    }

    /// One family, or all of them.
    package func families(named name: String? = nil) -> [String: Entry] {
        entries.withLock { entries in
            guard let name else { return entries }
            return entries[name].map { [name: $0] } ?? [:]
        }
    }
}
