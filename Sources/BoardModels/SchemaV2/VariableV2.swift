import MartletCore

/// Variables of schema v2 in the classic form.
enum VariableV2 {
    private static let types = [
        "QueryVariable": "query", "TextVariable": "textbox", "ConstantVariable": "constant",
        "DatasourceVariable": "datasource", "IntervalVariable": "interval", "CustomVariable": "custom",
        "GroupByVariable": "groupby", "AdhocVariable": "adhoc", "SwitchVariable": "switch",
    ]
    private static let sorts = [
        "disabled", "alphabeticalAsc", "alphabeticalDesc", "numericalAsc", "numericalDesc",
        "alphabeticalCaseInsensitiveAsc", "alphabeticalCaseInsensitiveDesc", "naturalAsc", "naturalDesc",
    ]
    private static let refreshes = ["never", "onDashboardLoad", "onTimeRangeChanged"]
    private static let hides = ["dontHide", "hideLabel", "hideVariable", "inControlsMenu"]

    static func classic(_ kind: JSONValue) -> JSONValue {
        let spec = kind["spec"] ?? .object([])
        let name = kind["kind"]?.string ?? ""
        let type = types[name] ?? name
        var changed: [(String, JSONValue?)] = [
            ("type", .string(type)), ("hide", position(spec["hide"], hides)), ("sort", position(spec["sort"], sorts)),
            ("refresh", position(spec["refresh"], refreshes)),
        ]
        switch type {
        case "query":
            changed.append(("query", query(spec["query"])))
            changed.append(("datasource", QueryV2.source(of: spec["query"]) ?? spec["datasource"]?.present))
        case "datasource": changed.append(("query", spec["pluginId"]))
        case "adhoc", "groupby":
            let source = kind["datasource"]?["name"].map { JSONValue.members([("type", kind["group"]), ("uid", $0)]) }
            let typed = kind["group"]?.text.map { JSONValue.members([("type", .string($0))]) }
            changed.append(("datasource", source ?? spec["datasource"]?.present ?? typed))
        case "switch":
            // Its two values are those of a choice.
            let (on, off) = (spec["enabledValue"]?.string ?? "true", spec["disabledValue"]?.string ?? "false")
            let current = spec["current"]?.string ?? off
            changed += [
                ("type", "custom"), ("query", .string("\(escaped(on)),\(escaped(off))")),
                ("current", ["text": .string(current), "value": .string(current)]),
            ]
        default: break
        }
        return spec.with(changed)
    }

    /// What a source is asked for the values of a variable: its own text where it has one.
    private static func query(_ query: JSONValue?) -> JSONValue? {
        let inner = query?["spec"]
        return inner?["__legacyStringValue"]?.present ?? inner
    }

    /// A comma parts values.
    private static func escaped(_ text: String) -> String {
        text.split(separator: ",", omittingEmptySubsequences: false).joined(separator: "\\,")
    }

    private static func position(_ value: JSONValue?, _ names: [String]) -> JSONValue? {
        guard let name = value?.string else { return value }
        return .whole(Int64(names.firstIndex(of: name) ?? 0))
    }
}
