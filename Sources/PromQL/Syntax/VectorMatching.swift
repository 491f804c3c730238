/// How the series of two vectors are paired.
package struct VectorMatching: Sendable, Hashable {
    package enum Cardinality: Sendable, Hashable {
        case oneToOne, manyToOne, oneToMany, manyToMany
    }

    package var cardinality: Cardinality = .oneToOne
    /// True for `on`, false for `ignoring` and where neither is given.
    package var on = false
    /// Labels of `on` or `ignoring`.
    package var labels: [String] = []
    /// Labels of `group_left` or `group_right`, copied from the "one" side.
    package var include: [String] = []
    /// What stands for a series of the left or right side that the other side has and this one lacks.
    package var fillLeft: Double?
    package var fillRight: Double?

    package init() {}
}
