import MartletCore

/// What the pages draw, from the list that they share with us: `web/dashboard/supported.json`.
struct SupportedFeatures: Sendable {
    /// Types of panels that are drawn as such.
    let panels: Set<String>
    let transformations: Set<String>
    let variables: Set<String>
    /// Types of data sources, with the API that each speaks.
    let sources: [String: DataSource.Kind]

    /// The list's name among the files of the web interface.
    static let file = "dashboard/supported.json"

    /// Reads the list; what it does not say is not supported.
    init(_ list: JSONValue) {
        func names(_ key: String) -> Set<String> { Set(list[key]?.array?.compactMap(\.string) ?? []) }
        panels = names("panels")
        transformations = names("transformations")
        variables = names("variables")
        sources = Dictionary(
            (list["datasources"]?.object ?? []).compactMap { member in
                member.value.string.flatMap(DataSource.Kind.init).map { (member.key, $0) }
            }, uniquingKeysWith: { $1 })
    }

    init(_ web: WebFiles) {
        self.init(web.files[Self.file].flatMap { try? JSONValue(parsing: $0.bytes) } ?? .object([]))
    }
}
