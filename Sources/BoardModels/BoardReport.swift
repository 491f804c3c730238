package import MartletCore

/// One look through a dashboard: what it is made of, and what of that will not look as it does in Grafana.
package struct BoardReport: Sendable, Hashable {
    package let title: String
    package let uid: String
    /// 0 for none.
    package let schemaVersion: Int64
    /// Panels but rows, those inside of folded rows included.
    package private(set) var panelCount = 0
    /// What the dashboard leaves open for whoever imports it.
    package let inputs: [ImportInput]
    /// How often each type of panel, transformation, unit, kind of variable and type of data source occurs.
    package private(set) var uses: [BoardFeature: [String: Int]] = [:]
    package private(set) var problems: [BoardProblemFound] = []

    let features: BoardFeatures
    /// Types and names of data sources that are followed or computed here.
    private static let ownSources: Set = [
        "", "default", "-- Mixed --", "-- Dashboard --", "-- Grafana --", "grafana", "datasource", "__expr__", "mixed",
        "dashboard",
    ]
    /// The newest schema version whose changes are known.
    private static let newestSchema = 42
    private static let problemLimit = 500
    private static let placeLimit = 10

    /// Looks through a dashboard in any form that ``BoardDocument`` reads.
    package init(_ document: JSONValue, _ features: BoardFeatures) {
        self.init(BoardDocument(document), features)
    }

    package init(_ document: BoardDocument, _ features: BoardFeatures) {
        let model = document.model
        self.features = features
        title = model["title"]?.string ?? ""
        uid = model["uid"]?.string ?? ""
        schemaVersion = model["schemaVersion"]?.int64 ?? 0
        inputs = ImportInput.all(of: model)
        if document.tabs > 0 {
            add(.schema, "tabs", "", "shown as rows, all but the first of them folded")
        }
        if document.conditions > 0 {
            add(.schema, "conditional rendering", "", "what has a condition is always shown")
        }
        if schemaVersion > Self.newestSchema {
            add(
                .schema, String(schemaVersion), "",
                "a newer schema than this server knows, \(Self.newestSchema); parts may be ignored")
        }
        for variable in model["templating"]?["list"]?.array ?? [] { look(atVariable: variable) }
        for annotation in model["annotations"]?["list"]?.array ?? [] where annotation["builtIn"]?.int64 != 1 {
            look(atSource: annotation["datasource"], of: annotation["name"]?.string ?? "annotation")
        }
        for panel in Self.panels(of: model) { look(atPanel: panel) }
    }

    /// As the dashboard server's API tells it.
    package var json: [JSONValue.Member] {
        [
            .init("title", .string(title)), .init("uid", .string(uid)), .init("schemaVersion", .whole(schemaVersion)),
            .init("panels", .whole(Int64(panelCount))), .init("inputs", .array(inputs.map(\.json))),
            .init("problems", .array(problems.map(\.json))),
        ]
    }

    /// Panels of a classic model of any schema version, rows and the panels inside of them included.
    package static func panels(of model: JSONValue) -> [JSONValue] {
        let rows = model["rows"]?.array ?? []
        let top = (model["panels"]?.array ?? []) + rows.flatMap { $0["panels"]?.array ?? [] }
        return top.flatMap { [$0] + ($0["panels"]?.array ?? []) }
    }

    private mutating func look(atPanel panel: JSONValue) {
        let type = panel["type"]?.string ?? ""
        let place = panel["title"]?.text ?? type
        guard type != "row" else { return }
        panelCount += 1
        if panel["libraryPanel"]?.object != nil, panel["targets"] == nil {
            add(
                .panel, "library panel", place,
                "library panels are not kept here; export the dashboard with them inside")
        } else {
            count(.panel, type)
            if !features.panels.contains(type) { add(.panel, type, place, "shown as a table of its data") }
        }
        for step in panel["transformations"]?.array ?? [] where step["disabled"]?.bool != true {
            guard let id = step["id"]?.string else { continue }
            count(.transformation, id)
            if !features.transformations.contains(id) {
                add(.transformation, id, place, "left out; the panel says so")
            }
        }
        for unit in Self.units(of: panel) { count(.unit, unit) }
        look(atSource: panel["datasource"], of: place)
        for target in panel["targets"]?.array ?? [] { look(atSource: target["datasource"], of: place) }
    }

    /// Units of the fields, of overrides, and of the axes and formats of old panels.
    private static func units(of panel: JSONValue) -> [String] {
        let config = panel["fieldConfig"]
        let overrides = (config?["overrides"]?.array ?? []).flatMap { $0["properties"]?.array ?? [] }
        let axes = (panel["yaxes"]?.array ?? []).map { $0["format"] }
        let styles = (panel["styles"]?.array ?? []).map { $0["unit"] }
        let found =
            [config?["defaults"]?["unit"], panel["format"], panel["yAxis"]?["format"]] + axes + styles
            + overrides.filter { $0["id"]?.string == "unit" }.map { $0["value"] }
        return found.compactMap { $0?.text }
    }

    private mutating func look(atVariable variable: JSONValue) {
        let (type, name) = (variable["type"]?.string ?? "query", variable["name"]?.string ?? "")
        count(.variable, type)
        // What Grafana 2 called filter is a query.
        if type != "filter", !features.variables.contains(type) { add(.variable, type, name, "has no effect") }
        look(atSource: variable["datasource"], of: name)
    }

    /// Sources are named by `{type, uid}`, or before schema 36 by a name, which tells no type.
    private mutating func look(atSource reference: JSONValue?, of place: String) {
        guard let type = reference?["type"]?.string, !Self.ownSources.contains(type), !type.hasPrefix("$"),
            !Self.ownSources.contains(reference?["uid"]?.string ?? "-")
        else { return }
        count(.datasource, type)
        if features.sources[type] == nil {
            add(.datasource, type, place, "queries of this kind of source cannot be asked here")
        }
    }

    private mutating func count(_ kind: BoardFeature, _ name: String) {
        let name = name.cut(to: 200)
        guard uses[kind]?[name] != nil || (uses[kind]?.count ?? 0) < Self.problemLimit else { return }
        uses[kind, default: [:]][name, default: 0] += 1
    }

    private mutating func add(_ kind: BoardFeature, _ name: String, _ place: String, _ message: String) {
        // The same text may be in many problems.
        let (name, place) = (name.cut(to: 200), place.cut(to: 200))
        guard let index = problems.firstIndex(where: { $0.kind == kind && $0.name == name }) else {
            guard problems.count < Self.problemLimit else { return }
            problems.append(.init(kind: kind, name: name, message: message, places: place.isEmpty ? [] : [place]))
            return
        }
        problems[index].count += 1
        if problems[index].places.count < Self.placeLimit, !place.isEmpty, !problems[index].places.contains(place) {
            problems[index].places.append(place)
        }
    }
}
