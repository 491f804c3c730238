package import MartletCore

/// One node of the routing tree, with everything inherited filled in.
package struct Route: Sendable {
    /// Which labels make a group.
    package enum GroupBy: Sendable, Hashable {
        /// The named ones; none of them puts all alerts into one group.
        case labels([String])
        /// `...`: every label, so each alert is its own group.
        case all
    }

    /// Position in ``RouteTree/nodes``; the root is 0.
    package let index: Int
    /// The parent's position; nil for the root.
    package let parent: Int?
    /// Where notifications go.
    package let receiver: String
    /// What makes a group.
    package let groupBy: GroupBy
    /// Nanoseconds before a new group's first notification.
    package let groupWait: Int64
    /// Nanoseconds between notifications of a group.
    package let groupInterval: Int64
    /// Nanoseconds after which an unchanged group is told again.
    package let repeatInterval: Int64
    /// All must match; empty matches everything.
    package let matchers: [Matcher]
    /// True when siblings after this one are tried too.
    package let continues: Bool
    /// Names of intervals in which nothing is sent.
    package let muteTimeIntervals: [String]
    /// Names of intervals outside of which nothing is sent; none means always.
    package let activeTimeIntervals: [String]
    /// Positions of the children, in order.
    package var children: [Int]
    /// Identifies the route across reloads: the matchers of all nodes from the root, `{}/{a="b"}`.
    package let key: String

    /// The labels that make the group of an alert.
    package func groupLabels(of labels: Labels) -> Labels {
        switch groupBy {
        case .all: return labels
        case .labels(let names):
            var builder = LabelsBuilder()
            for name in names {
                if let value = labels[name] { builder.set(name, value) }
            }
            return builder.build()
        }
    }
}
