/// What a due group hands over to be told.
package struct GroupFlush: Sendable {
    /// The group's key.
    package let key: String
    /// The route's position in the tree.
    package let route: Int
    /// The group as it was when it became due.
    package let group: AlertGroup
    /// Its alerts in the order in which they are told.
    package let alerts: [(fingerprint: Fingerprint, alert: Alert, isResolved: Bool)]
    /// When it became due, Unix nanoseconds.
    package let now: Int64
    /// The next time it will be due: an attempt that lasts longer is given up.
    package let deadline: Int64
}
