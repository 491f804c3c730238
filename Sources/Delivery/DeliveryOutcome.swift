/// What became of one attempt to deliver.
package enum DeliveryOutcome: Sendable, Hashable {
    /// Taken.
    case delivered
    /// Taken in part; the rest is refused for good.
    case partial(rejected: Int64, message: String)
    /// Not taken now; trying again makes sense, after the given time if the receiver named one.
    case retry(reason: String, after: Duration?)
    /// Not taken since a limit of the receiver stands against it; trying again makes sense, but not without end.
    case limited(DeliveryLimit, reason: String, after: Duration?)
    /// Not taken since the receiver does not accept the credentials; trying again makes sense once they are put right.
    case denied(reason: String)
    /// Refused for good.
    case refused(reason: String)
}
