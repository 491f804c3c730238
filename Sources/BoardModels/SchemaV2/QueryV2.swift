import MartletCore

/// Panels and queries of schema v2 in the classic form.
enum QueryV2 {
    /// The data source of a `DataQuery`: its type is the group (in v2alpha1 the kind), its uid the name.
    static func source(of query: JSONValue?) -> JSONValue? {
        guard let query else { return nil }
        let kind = query["kind"]?.string
        let type = query["group"]?.text ?? (kind == "DataQuery" ? nil : kind.flatMap { $0.isEmpty ? nil : $0 })
        let uid = query["datasource"]?["name"]?.text ?? query["datasource"]?["uid"]?.text
        guard type != nil || uid != nil else { return nil }
        return .members([("type", type.map(JSONValue.string)), ("uid", uid.map(JSONValue.string))])
    }

    /// A `PanelQuery` as a target.
    static func target(_ kind: JSONValue) -> JSONValue {
        let spec = kind["spec"] ?? .object([])
        let query = spec["query"] ?? .object([])
        return (query["spec"] ?? .object([])).with([
            ("refId", spec["refId"]), ("hide", spec["hidden"]?.bool == true ? true : nil),
            ("datasource", source(of: query) ?? spec["datasource"]?.present),
        ])
    }

    /// A `Panel` or `LibraryPanel` without its place.
    static func panel(_ element: JSONValue) -> JSONValue {
        let spec = element["spec"] ?? .object([])
        if element["kind"]?.string == "LibraryPanel" {
            return .members([
                ("id", spec["id"]), ("title", spec["title"]), ("type", "library-panel-ref"),
                ("libraryPanel", spec["libraryPanel"]),
            ])
        }
        let data = spec["data"]?["spec"] ?? .object([])
        let options = data["queryOptions"] ?? .object([])
        let drawing = spec["vizConfig"] ?? .object([])
        let targets = (data["queries"]?.array ?? []).map(target)
        return .members([
            ("id", spec["id"]), ("title", spec["title"]),
            ("description", spec["description"]?.text.map(JSONValue.string)),
            ("transparent", spec["transparent"]?.bool == true ? true : nil), ("links", spec["links"]),
            // In v2alpha1 the kind of a drawing is its type.
            ("type", drawing["group"]?.present ?? drawing["kind"] ?? "text"),
            ("pluginVersion", drawing["version"] ?? drawing["spec"]?["pluginVersion"]),
            ("options", drawing["spec"]?["options"]), ("fieldConfig", drawing["spec"]?["fieldConfig"]),
            ("datasource", common(targets)), ("targets", .array(targets)),
            ("transformations", .array((data["transformations"]?.array ?? []).map(transformation))),
            ("interval", options["interval"]?.present), ("maxDataPoints", options["maxDataPoints"]?.present),
            ("timeFrom", options["timeFrom"]?.present), ("timeShift", options["timeShift"]?.present),
            ("hideTimeOverride", options["hideTimeOverride"]?.present),
        ])
    }

    /// The id of a transformation stands in its kind, or (since v2) in its group or its spec.
    private static func transformation(_ kind: JSONValue) -> JSONValue {
        let spec = kind["spec"] ?? .object([])
        let name = kind["kind"]?.string == "Transformation" ? kind["group"] : kind["kind"]
        return spec.with([("id", spec["id"]?.present ?? name), ("options", spec["options"] ?? .object([]))])
    }

    /// One source of all targets, or the mixed one.
    private static func common(_ targets: [JSONValue]) -> JSONValue? {
        let sources = Set(
            targets.compactMap { $0["datasource"] }.filter {
                $0["uid"]?.string != "__expr__" && $0["type"]?.string != "__expr__"
            })
        if sources.count > 1 { return ["type": "datasource", "uid": "-- Mixed --"] }
        return sources.first
    }
}
