/// Where payloads are sent.
package protocol Destination: Sendable {
    /// For logs: what and where, without credentials.
    var label: String { get }
    /// Sends one payload and says what became of it. Must end within a bounded time and when its task is cancelled.
    func send(_ payload: Payload) async -> DeliveryOutcome
}
