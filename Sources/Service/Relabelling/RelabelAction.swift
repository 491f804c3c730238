/// What a relabelling rule does.
package enum RelabelAction: String, Sendable, Hashable, CaseIterable {
    case replace
    case keep
    case drop
    case keepequal
    case dropequal
    case hashmod
    case labelmap
    case labeldrop
    case labelkeep
    case lowercase
    case uppercase
}
