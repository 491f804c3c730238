/// `by (…)` or `without (…)`.
package struct Grouping: Sendable, Hashable {
    package var isWithout: Bool
    package var names: [String]
}
