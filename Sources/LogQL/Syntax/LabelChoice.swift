package import MartletCore

/// One item of `drop` and `keep`: a name, or a name whose value must pass.
package enum LabelChoice: Sendable, Hashable {
    case name(String)
    case matcher(Matcher)

    /// The label's name.
    var name: String {
        switch self {
        case .name(let name): name
        case .matcher(let matcher): matcher.name
        }
    }
}
