import MartletCore

/// A dashboard of Grafana's schema v2 (v2alpha1, v2beta1, v2) as a classic model.
///
/// Elements and their places become panels with a `gridPos`; rows stay rows; tabs become rows of which the first is unfolded;
/// an automatic grid gets the places that it has on a wide screen. Conditions under which parts are shown have no counterpart:
/// what they govern is shown. Source: `apps/dashboard/kinds/v2*/dashboard_spec.cue` in Grafana's repository.
struct SchemaV2 {
    /// The classic model.
    let classic: JSONValue
    /// Tabs that became rows.
    let tabs: Int
    /// Rows, tabs and panels that are shown whatever their condition says.
    let conditions: Int

    /// - Parameter spec: the members of the dashboard, `elements` and `layout` among them.
    init(_ spec: JSONValue) {
        let time = spec["timeSettings"] ?? .object([])
        var layout = LayoutV2(elements: spec["elements"] ?? .object([]))
        let panels = layout.panels(of: spec["layout"])
        let cursor = spec["cursorSync"]?.string ?? "Off"
        tabs = layout.tabs
        conditions = layout.conditions
        classic = .members([
            ("uid", spec["uid"]), ("title", spec["title"]), ("description", spec["description"]),
            ("tags", spec["tags"]), ("editable", spec["editable"]), ("schemaVersion", 42),
            ("graphTooltip", .whole(cursor == "Crosshair" ? 1 : cursor == "Tooltip" ? 2 : 0)),
            ("liveNow", spec["liveNow"]), ("preload", spec["preload"]), ("links", spec["links"]),
            (
                "time",
                .members([("from", time["from"] ?? "now-6h"), ("to", time["to"] ?? "now")])
            ),
            ("timezone", time["timezone"]), ("refresh", time["autoRefresh"]), ("weekStart", time["weekStart"]),
            ("fiscalYearStartMonth", time["fiscalYearStartMonth"]),
            (
                "timepicker",
                .members([
                    ("hidden", time["hideTimepicker"]), ("refresh_intervals", time["autoRefreshIntervals"]),
                    ("quick_ranges", time["quickRanges"]?.present), ("nowDelay", time["nowDelay"]?.present),
                ])
            ),
            (
                "templating",
                .members([
                    (
                        "list",
                        .array((spec["variables"]?.array ?? []).map(VariableV2.classic) + layout.variables)
                    )
                ])
            ),
            ("annotations", .members([("list", .array((spec["annotations"]?.array ?? []).map(Self.annotation)))])),
            ("panels", .array(panels)),
        ])
    }

    private static func annotation(_ kind: JSONValue) -> JSONValue {
        let spec = kind["spec"] ?? .object([])
        // v2alpha1 has the source beside the query.
        let query = spec["query"] ?? .object([])
        let base = spec["legacyOptions"].flatMap { $0.object == nil ? nil : $0 } ?? .object([])
        let inner = query["spec"].flatMap { $0.object == nil ? nil : $0 }
        let older = (base.object ?? []).map { ($0.key, Optional($0.value)) }
        return (inner ?? .object([])).with(older).with([
            ("name", spec["name"]), ("enable", spec["enable"]), ("hide", spec["hide"]),
            ("iconColor", spec["iconColor"]), ("filter", spec["filter"]?.present),
            ("builtIn", spec["builtIn"]?.bool == true ? 1 : nil), ("target", inner),
            ("datasource", QueryV2.source(of: query) ?? spec["datasource"]?.present),
        ])
    }
}
