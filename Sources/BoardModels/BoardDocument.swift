package import MartletCore

/// A dashboard in any of the forms that Grafana gives it, read as the classic model.
package struct BoardDocument: Sendable, Hashable {
    /// The classic model.
    package var model: JSONValue
    /// True when it was written in schema v2.
    package let isV2: Bool
    /// True when the model is not the document itself.
    package let isConverted: Bool
    /// Of schema v2: tabs, which became rows.
    package let tabs: Int
    /// Of schema v2: parts that are shown whatever the condition says under which they would be.
    package let conditions: Int

    /// Finds the model in a document: itself, `{"dashboard": model}` as Grafana's API hands it out, or a resource
    /// `{"apiVersion": "dashboard.grafana.app/…", "metadata": {"name": uid}, "spec": model}`. A model of schema v2 is turned
    /// into the classic one; a document that is none of these is taken as it is.
    package init(_ document: JSONValue) {
        let given = document
        var document = document
        if let inner = document["dashboard"], inner.object != nil { document = inner }
        var name: String?
        if let spec = document["spec"], spec.object != nil, Self.isResource(document, spec) {
            name = document["metadata"]?["name"]?.text
            document = spec
        }
        isV2 = document["panels"] == nil && document["elements"]?.object != nil
        if isV2 {
            let converted = SchemaV2(document)
            (tabs, conditions) = (converted.tabs, converted.conditions)
            document = converted.classic
        } else {
            (tabs, conditions) = (0, 0)
        }
        // The name of a resource is the uid of its dashboard.
        if let name, document["uid"]?.text == nil { document = document.with([("uid", .string(name))]) }
        model = document
        isConverted = document != given
    }

    private static func isResource(_ document: JSONValue, _ spec: JSONValue) -> Bool {
        guard document["panels"] == nil, document["rows"] == nil else { return false }
        return document["apiVersion"]?.string?.contains("grafana.app/") == true
            || ["elements", "panels", "rows"].contains { spec[$0] != nil }
    }
}
