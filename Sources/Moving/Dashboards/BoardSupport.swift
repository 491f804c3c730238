package import MartletCore
import Service

/// What of Grafana's dashboards our pages have, from the list that the pages, their server and this tool share:
/// `web/dashboard/supported.json`.
package struct BoardSupport: Sendable, Hashable {
    /// Types of panels that are drawn, or turned into one that is. All others are shown as tables.
    package var panels: Set<String> = []
    /// Transformations that are applied. All others are left out.
    package var transformations: Set<String> = []
    /// Types of variables that have values.
    package var variables: Set<String> = []
    /// Types of data sources that can be asked.
    package var sources: Set<String>

    /// Types and names of sources that are not servers, and are followed or computed.
    static let builtInSources: Set<String> = [
        "", "-- Dashboard --", "-- Grafana --", "-- Mixed --", "__expr__", "dashboard", "datasource", "default",
        "grafana", "mixed",
    ]

    /// Reads the list; what it does not say is not supported.
    package init(_ list: JSONValue) {
        func names(_ key: String) -> Set<String> { Set(list[key]?.array?.compactMap(\.string) ?? []) }
        panels = names("panels")
        transformations = names("transformations")
        variables = names("variables")
        sources = Set(list["datasources"]?.object?.map(\.key) ?? [])
    }

    /// The list of the web interface that is installed beside this program; nil when there is none.
    static func installed() -> BoardSupport? {
        let file = "dashboard/supported.json"
        guard let root = InstalledFiles.find("web", marker: file), let text = SmallFile.read(root + "/" + file),
            let list = try? JSONValue(parsing: text)
        else { return nil }
        return BoardSupport(list)
    }
}
