/// A place among those who follow tenants. It is given up with `leave`, or when nobody holds it any more: an answer
/// whose head the client does not take is let go without having begun.
final class TailPlace: Sendable {
    /// What waits for the follower.
    let queue: TailQueue
    private let hub: TailHub

    init(_ queue: TailQueue, in hub: TailHub) {
        self.queue = queue
        self.hub = hub
    }

    deinit { hub.leave(queue) }

    /// Gives the place up.
    func leave() { hub.leave(queue) }
}
