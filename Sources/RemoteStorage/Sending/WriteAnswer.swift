/// What a receiver said to a request.
enum WriteAnswer: Sendable, Hashable {
    /// It has taken the samples.
    case taken
    /// The same may work later; `after` is what the receiver asks for.
    case retry(reason: String, after: Duration?)
    /// The same would be refused again.
    case refused(reason: String)
}

/// Sends bodies of remote write requests.
protocol WriteTransport: Sendable {
    /// Sends a compressed body; `attempt` counts from 0.
    func send(_ body: [UInt8], attempt: Int) async -> WriteAnswer
    /// Ends connections.
    func shutdown() async
}
