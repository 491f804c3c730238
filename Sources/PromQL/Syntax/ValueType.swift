/// The types of PromQL's expressions.
package enum ValueType: String, Sendable, Hashable {
    case scalar, string, vector, matrix, none

    /// The name that error texts use.
    package var documented: String {
        switch self {
        case .vector: "instant vector"
        case .matrix: "range vector"
        default: rawValue
        }
    }
}
