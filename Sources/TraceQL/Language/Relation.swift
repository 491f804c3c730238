/// How the right-hand span lies to the left-hand span.
package enum Relation: String, Hashable, Sendable {
    case child = ">"
    case parent = "<"
    case descendant = ">>"
    case ancestor = "<<"
    case sibling = "~"
}

extension Relation {
    /// The relation seen from the other side.
    var inverse: Relation {
        switch self {
        case .child: .parent
        case .parent: .child
        case .descendant: .ancestor
        case .ancestor: .descendant
        case .sibling: .sibling
        }
    }
}
