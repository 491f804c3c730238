/// One target of `label_format`.
package enum LabelFormat: Sendable, Hashable {
    /// `name=source`: the source goes away.
    case rename(name: String, source: String)
    case template(name: String, String)

    /// The label that is made.
    var name: String {
        switch self {
        case .rename(let name, _), .template(let name, _): name
        }
    }
}
