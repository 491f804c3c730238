package import MartletCore

/// What of Grafana's dashboards the pages draw, from the list that pages, server and tools share:
/// `web/dashboard/supported.json`.
package struct BoardFeatures: Sendable, Hashable {
    /// Types of panels that are drawn, or turned into one that is; all others are shown as tables.
    package let panels: Set<String>
    /// Ids of transformations that are applied; all others are left out.
    package let transformations: Set<String>
    /// Types of variables that have values.
    package let variables: Set<String>
    /// Types of data sources that can be asked, with the API that each speaks: `prometheus`, `loki`, `tempo`, `alertmanager`.
    package let sources: [String: String]
    /// Ids of units that have a way of writing of their own; any other text is written behind the number, as in Grafana.
    package let units: Set<String>

    /// The list's name among the files of the web interface.
    package static let file = "dashboard/supported.json"

    /// Reads the list; what it does not say is not supported.
    package init(_ list: JSONValue) {
        func names(_ key: String) -> Set<String> { Set(list[key]?.array?.compactMap(\.string) ?? []) }
        panels = names("panels")
        transformations = names("transformations")
        variables = names("variables")
        units = names("units")
        sources = Dictionary(
            (list["datasources"]?.object ?? []).compactMap { member in member.value.string.map { (member.key, $0) } },
            uniquingKeysWith: { $1 })
    }

    /// True for an id of the list and for the forms that carry their text with them: `suffix:req`, `time:YYYY`.
    package func knows(unit: String) -> Bool {
        if units.contains(unit) || unit.isEmpty { return true }
        let forms = ["prefix:", "suffix:", "si:", "count:", "currency:", "bool:", "time:"]
        return forms.contains { unit.hasPrefix($0) }
    }
}
