/// A kind of thing that dashboards use.
package enum BoardFeature: String, Sendable, Hashable, CaseIterable {
    case panel, transformation, unit, variable, datasource, schema

    /// How a person reads it before a name: `panel type geomap`.
    package var words: String {
        switch self {
        case .panel: "panel type"
        case .transformation: "transformation"
        case .unit: "unit"
        case .variable: "variable type"
        case .datasource: "data source type"
        case .schema: "schema"
        }
    }
}
