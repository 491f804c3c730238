import MartletCore

/// What of a dashboard will not look as it does in Grafana.
struct ImportReport: Sendable {
    /// Something that is not supported, wherever it occurs.
    struct Problem: Sendable, Hashable {
        enum Kind: String, Sendable {
            case panel, transformation, variable, datasource, schema
        }

        let kind: Kind
        let name: String
        /// How often it occurs.
        var count: Int
        /// Titles of panels, or names of variables; at most ten.
        var places: [String]
        /// What happens instead.
        let message: String

        var json: JSONValue {
            [
                "kind": .string(kind.rawValue), "name": .string(name), "count": .int(count), "where": .strings(places),
                "message": .string(message),
            ]
        }
    }

    let title: String
    let uid: String
    let schemaVersion: Int64
    private(set) var panelCount = 0
    let inputs: [ImportInput]
    private(set) var problems: [Problem] = []

    private let features: SupportedFeatures
    private static let sourceNames: Set = [
        "", "default", "-- Mixed --", "-- Dashboard --", "-- Grafana --", "grafana", "datasource", "__expr__", "mixed",
        "dashboard",
    ]
    /// Types that are read by way of another: legacy panels become new ones.
    private static let containers: Set = ["row"]

    init(_ model: JSONValue, _ features: SupportedFeatures) {
        self.features = features
        title = model["title"]?.string ?? ""
        uid = model["uid"]?.string ?? ""
        schemaVersion = model["schemaVersion"]?.int64 ?? 0
        inputs = ImportInput.all(of: model)
        if model["panels"] == nil, model["elements"] != nil || model["spec"] != nil {
            add(.schema, "v2", "", "Grafana's v2 schema is not read; export the dashboard in the classic model")
        } else if schemaVersion > 42 {
            add(.schema, String(schemaVersion), "", "a newer schema than this server knows, 42; parts may be ignored")
        }
        for variable in model["templating"]?["list"]?.array ?? [] { look(atVariable: variable) }
        for annotation in model["annotations"]?["list"]?.array ?? [] {
            look(atSource: annotation["datasource"], of: annotation["name"]?.string ?? "annotation")
        }
        let rows = model["rows"]?.array ?? []
        for panel in (model["panels"]?.array ?? []) + rows.flatMap({ $0["panels"]?.array ?? [] }) {
            look(atPanel: panel)
        }
    }

    var json: [JSONValue.Member] {
        [
            .init("title", .string(title)), .init("uid", .string(uid)), .init("schemaVersion", .int(schemaVersion)),
            .init("panels", .int(panelCount)), .init("inputs", .array(inputs.map(\.json))),
            .init("problems", .array(problems.map(\.json))),
        ]
    }

    private mutating func look(atPanel panel: JSONValue) {
        let type = panel["type"]?.string ?? ""
        let place = panel["title"]?.string?.nonEmpty ?? type
        for inner in panel["panels"]?.array ?? [] { look(atPanel: inner) }
        guard !Self.containers.contains(type) else { return }
        panelCount += 1
        if panel["libraryPanel"]?.object != nil, panel["targets"] == nil {
            add(
                .panel, "library panel", place,
                "library panels are not kept here; export the dashboard with them inside")
        } else if !features.panels.contains(type) {
            add(.panel, type, place, "shown as a table of its data")
        }
        for step in panel["transformations"]?.array ?? [] {
            guard let id = step["id"]?.string, step["disabled"]?.bool != true,
                !features.transformations.contains(id)
            else { continue }
            add(.transformation, id, place, "left out; the panel says so")
        }
        look(atSource: panel["datasource"], of: place)
        for target in panel["targets"]?.array ?? [] { look(atSource: target["datasource"], of: place) }
    }

    private mutating func look(atVariable variable: JSONValue) {
        let (type, name) = (variable["type"]?.string ?? "", variable["name"]?.string ?? "")
        if !features.variables.contains(type) { add(.variable, type, name, "has no effect") }
        look(atSource: variable["datasource"], of: name)
    }

    private mutating func look(atSource reference: JSONValue?, of place: String) {
        guard let type = reference?["type"]?.string, !Self.sourceNames.contains(type),
            !Self.sourceNames.contains(reference?["uid"]?.string ?? "-"), features.sources[type] == nil
        else { return }
        add(.datasource, type, place, "queries of this kind of source cannot be asked here")
    }

    private mutating func add(_ kind: Problem.Kind, _ name: String, _ place: String, _ message: String) {
        // The same text may be in many problems.
        let (name, place) = (name.cut(to: 200), place.cut(to: 200))
        let index = problems.firstIndex { $0.kind == kind && $0.name == name }
        guard let index else {
            guard problems.count < 500 else { return }
            problems.append(
                Problem(kind: kind, name: name, count: 1, places: place.isEmpty ? [] : [place], message: message))
            return
        }
        problems[index].count += 1
        if problems[index].places.count < 10, !place.isEmpty, !problems[index].places.contains(place) {
            problems[index].places.append(place)
        }
    }
}
