package import MartletCore

/// The alerts of one route with equal group labels, and when they are to be told next.
package struct AlertGroup: Sendable {
    /// The route's position in the tree.
    package let route: Int
    /// The labels all its alerts share by the route's group_by.
    package let labels: Labels
    /// Identifies the group in the notification log and in payloads: route key, colon, labels.
    package let key: String
    /// By identity.
    package internal(set) var alerts: [Fingerprint: Alert] = [:]
    /// When it is due, Unix nanoseconds.
    package internal(set) var nextFlush: Int64
    /// True once it has been due.
    package internal(set) var hasFlushed = false
    /// True while a notification is under way: the next waits for its end.
    package internal(set) var isFlushing = false
}
