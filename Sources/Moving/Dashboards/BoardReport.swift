package import MartletCore

/// What the pages cannot show of some dashboards.
package struct BoardReport: Sendable, Hashable {
    /// A thing that is not supported, and the panels or dashboards that have it.
    package struct Finding: Sendable, Hashable {
        /// `panel type geomap`, `transformation regression`, …
        package let what: String
        /// What happens instead.
        package let consequence: String
    }

    /// The places of each finding, as `Dashboard / Panel`.
    package private(set) var findings: [Finding: [String]] = [:]

    private let support: BoardSupport

    /// A report of no dashboards.
    package init(_ support: BoardSupport) {
        self.support = support
    }

    /// Looks through a dashboard.
    package mutating func add(_ model: JSONValue, title: String) {
        for panel in Self.panels(of: model) { add(panel: panel, of: title) }
        for variable in model["templating"]?["list"]?.array ?? [] {
            let type = variable["type"]?.string ?? "query"
            if type != "filter", !support.variables.contains(type) {
                note(
                    "variable type \(type)", "the variable has no effect",
                    "\(title) / $\(variable["name"]?.string ?? "")")
            }
            note(source: variable["datasource"], at: "\(title) / $\(variable["name"]?.string ?? "")")
        }
        for annotation in model["annotations"]?["list"]?.array ?? [] {
            // The one that every dashboard has.
            if annotation["builtIn"]?.int64 == 1 { continue }
            note(source: annotation["datasource"], at: "\(title) / \(annotation["name"]?.string ?? "annotation")")
        }
    }

    /// Panels of a dashboard of any schema, those in rows included.
    static func panels(of model: JSONValue) -> [JSONValue] {
        let top = (model["panels"]?.array ?? []) + (model["rows"]?.array ?? []).flatMap { $0["panels"]?.array ?? [] }
        return top.flatMap { [$0] + ($0["panels"]?.array ?? []) }
    }

    private mutating func add(panel: JSONValue, of title: String) {
        let type = panel["type"]?.string ?? ""
        let place = "\(title) / \(panel["title"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? type)"
        if !type.isEmpty, type != "row", !support.panels.contains(type) {
            note("panel type \(type)", "its data is shown as a table", place)
        }
        for step in panel["transformations"]?.array ?? [] where step["disabled"]?.bool != true {
            let id = step["id"]?.string ?? ""
            if !support.transformations.contains(id) {
                note("transformation \(id)", "it is left out, and the panel says so", place)
            }
        }
        note(source: panel["datasource"], at: place)
        for target in panel["targets"]?.array ?? [] { note(source: target["datasource"], at: place) }
    }

    /// Sources are named by `{type, uid}`, or before schema 36 by name, which tells no type.
    private mutating func note(source: JSONValue?, at place: String) {
        guard let type = source?["type"]?.string, !type.hasPrefix("$"), !support.sources.contains(type),
            !BoardSupport.builtInSources.contains(type),
            !BoardSupport.builtInSources.contains(source?["uid"]?.string ?? "?")
        else { return }
        note("data source type \(type)", "there is no such source here; what asks it stays empty", place)
    }

    /// Notes something that is not supported at a place.
    package mutating func note(_ what: String, _ consequence: String, _ place: String) {
        let finding = Finding(what: what, consequence: consequence)
        if findings[finding]?.last != place { findings[finding, default: []].append(place) }
    }

    /// A line for each finding, the most frequent first, with its first places.
    package var lines: [String] {
        findings.sorted { ($1.value.count, $0.key.what) < ($0.value.count, $1.key.what) }.map { finding, places in
            let shown = places.prefix(3).joined(separator: "; ")
            let more = places.count > 3 ? " and \(places.count - 3) more" : ""
            return "\(finding.what) (\(places.count)): \(finding.consequence). In \(shown)\(more)"
        }
    }
}
